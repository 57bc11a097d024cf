// The samples are compiled beside this program, which only makes the build say which runtime they want.
System.Console.WriteLine("dotnet exec --runtimeconfig Hornet.Samples.runtimeconfig.json samples.NAME.dll");

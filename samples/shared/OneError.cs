using System.Runtime.CompilerServices;

/// <summary>Compiled into each sample: what the library refuses (a sample that is not run as root) is one line, not a stack trace.</summary>
internal static class OneError
{
    [ModuleInitializer]
    internal static void Install() => AppDomain.CurrentDomain.UnhandledException += static (_, failure) =>
    {
        var error = (failure.ExceptionObject as AggregateException)?.InnerException ?? failure.ExceptionObject;
        if (error is not Hornet.BpfException refused) return;
        Console.Error.WriteLine(Environment.IsPrivilegedProcess ? refused.Message : $"{refused.Message} (the samples are run as root)");
        Environment.Exit(1);
    };
}

using System.CommandLine;
using Hornet.Btf;
using Hornet.Cli.Common;

namespace Hornet.Cli.Commands;

/// <summary><c>hornet btf</c>: type information in the kernel and in files.</summary>
internal static class BtfCommand
{
    public static Command Create()
    {
        var command = new Command("btf", """
            BTF: the types of the kernel, of its modules and of BPF programs.

            Examples:
              hornet btf list                              every BTF object in the kernel
              hornet btf dump vmlinux --c > vmlinux.h      the kernel's types as a C header
              hornet btf dump vmlinux --csharp task_struct one type, with what it needs, as C#
              hornet btf dump x.bpf.o                      the types of an object file, one a line
              hornet btf dump x.ko --base vmlinux          a module's, over those of the kernel
            """);
        command.Subcommands.Add(List());
        command.Subcommands.Add(BtfDump.Create());
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "List the BTF objects in the kernel");
        command.Aliases.Add("ls");
        var output = new OutputOptions(command);
        command.SetAction(parsed =>
        {
            using var sink = output.Open(parsed);
            using var rows = output.List(parsed, sink, new("id", "ID", -1), new("name", "NAME"), new("kernel", "KERNEL"), new("size", "SIZE", -1), new("owners", "OWNERS"));
            var owners = Owners.Scan();
            rows.Start();
            foreach (var info in BpfBtf.Enumerate())
            {
                rows.BeginRow();
                rows.Add(info.Id);
                rows.Add(info.Name.Length == 0 ? null : info.Name);
                rows.Add(info.IsKernel);
                rows.Add(info.Size);
                rows.Add(owners.Of(OwnedKind.Btf, info.Id));
                rows.EndRow();
            }
            rows.Finish();
            return ExitCode.Done;
        });
        return command;
    }
}

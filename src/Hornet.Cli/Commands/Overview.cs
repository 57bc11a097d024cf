using System.Text;
using Hornet.Cli.Common;
using Hornet.Cli.Output;

namespace Hornet.Cli.Commands;

/// <summary>What <c>hornet</c> prints by itself: every verb with one line.</summary>
internal static class Overview
{
    public static int Print()
    {
        var text = new StringBuilder("""
            hornet: eBPF for .NET. Look into a live Linux kernel, and handle what is loaded in it.

            usage: hornet COMMAND [options]          hornet COMMAND --help

            """);
        foreach (var group in CommandCatalog.Entries.GroupBy(e => e.Group))
        {
            text.Append('\n').Append(group.Key).Append(":\n");
            foreach (var entry in group) text.Append("  ").Append(entry.Name.PadRight(12)).Append(entry.Summary).Append('\n');
        }
        text.Append("""

            Start with:  hornet doctor          what works on this machine, and why not
                         hornet opensnoop       every file that is opened, live

            """);
        new DescriptorStream(1).Write(Encoding.UTF8.GetBytes(text.ToString()));
        return ExitCode.Done;
    }
}

using System.CommandLine;
using Hornet.Cli.Common;
using Hornet.Cli.Output;
using Hornet.Features;
using Hornet.Kernel;

namespace Hornet.Cli.Commands;

/// <summary><c>hornet feature</c>: what this kernel can do, since which version, and why not.</summary>
internal static class FeatureCommand
{
    public static Command Create()
    {
        var pattern = new Argument<string?>("NAME") { Description = "Only features whose name contains this text", Arity = ArgumentArity.ZeroOrOne };
        var missing = new Option<bool>("--missing", "-m") { Description = "Only what is not available" };
        var category = new Option<FeatureCategory?>("--category", "-c") { Description = "Only one category", HelpName = "CATEGORY" };
        var command = new Command("feature", """
            What this kernel can do with BPF, found out by trying. For what it cannot, the reason: its version, its
            configuration, lockdown, or a permission this process lacks (which says nothing about the kernel).

            Examples:
              hornet feature                     everything, by category
              hornet feature --missing           what is not there, and why
              hornet feature ringbuf             whatever is called so
              hornet feature -c MapType --json
            """) { pattern, missing, category };
        var output = new OutputOptions(command);
        command.SetAction(parsed =>
        {
            string? name = parsed.GetValue(pattern);
            var only = parsed.GetValue(category);
            var wanted = (only is null ? KernelFeatures.All : KernelFeatures.All.Where(f => f.Category == only))
                .Where(f => name is null || f.Name.Contains(name, StringComparison.OrdinalIgnoreCase)).ToList();
            if (wanted.Count == 0)
                throw new UserException($"no feature's name contains '{name}'. {CloseNames.Suggest(name ?? "", KernelFeatures.All.Select(f => f.Name))}".TrimEnd());
            using var sink = output.Open(parsed);
            using var rows = output.List(parsed, sink, new("category", "CATEGORY"), new("name", "NAME"), new("available", "AVAILABLE"),
                new("since", "SINCE", -1), new("cause", "CAUSE"), new("detail", "WHY NOT"));
            rows.Start();
            int shown = 0;
            foreach (var feature in wanted)
            {
                var result = feature.Probe();
                if (parsed.GetValue(missing) && result.IsAvailable) continue;
                shown++;
                rows.BeginRow();
                rows.Add(feature.Category.ToString());
                rows.Add(feature.Name);
                rows.Add(result.State switch { FeatureState.Available => "yes", FeatureState.Unavailable => "no", _ => "unknown" });
                rows.Add(feature.MinimumVersion?.ToString());
                rows.Add(result.Cause?.ToString());
                rows.Add(result.Detail.Length == 0 ? null : result.Detail);
                rows.EndRow();
            }
            rows.Finish();
            if (shown == 0 && output.Format(parsed) == OutputFormat.Text) Errors.Note("nothing is missing");
            return ExitCode.Done;
        });
        return command;
    }
}

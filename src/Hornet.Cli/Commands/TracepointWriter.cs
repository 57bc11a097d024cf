using System.Globalization;
using System.Text;
using Hornet.Kernel;

namespace Hornet.Cli.Commands;

/// <summary>Writes the records of tracepoints as structs marked [TracepointRecord].</summary>
internal static class TracepointWriter
{
    public static string Write(IEnumerable<(string Group, string Name)> events, string space)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"""
            // Written by 'hornet generate tracepoint' from the formats of Linux {KernelVersion.Running}. Fields are found by name in the kernel that
            // the code is compiled for; delete those that are not needed.
            using Hornet;
            using Hornet.KernelTypes;

            namespace {space};

            """);
        HashSet<string> used = [];
        foreach (var (group, name) in events)
        {
            string type = KernelTypeWriter.Pascal(name);
            if (!used.Add(type)) used.Add(type = KernelTypeWriter.Pascal(group) + type);
            text.Append(CultureInfo.InvariantCulture, $$"""

                /// <summary>The record of <c>{{group}}:{{name}}</c>.</summary>
                [TracepointRecord("{{group}}:{{name}}")]
                public struct {{type}}
                {

                """);
            HashSet<string> fields = [type];
            foreach (var field in Tracefs.Format(group, name).Fields)
            {
                if (field.IsCommon || TypeOf(group, field) is not { } managed) continue;
                string member = KernelTypeWriter.Pascal(field.Name);
                // A field cannot be called as its struct; underscores count for nothing in names.
                if (!fields.Add(member)) member += "_";
                text.Append(CultureInfo.InvariantCulture, $"    /// <summary><c>{field.TypeName} {field.Name}</c></summary>\n    public {managed} {member};\n\n");
            }
            text.Append("}\n");
        }
        return text.ToString();
    }

    private static string? TypeOf(string group, TracepointField field)
    {
        bool isArray = field.Kind != TracepointFieldKind.Plain || field.ArrayLength is null or > 0;
        bool isText = field.TypeName.EndsWith("char", StringComparison.Ordinal);
        if (isArray) return isText ? "KernelString" : "KernelPtr<byte>";
        if (field.TypeName.EndsWith("char *", StringComparison.Ordinal) && field.Size == 8) return group == "syscalls" ? "UserString" : "KernelString";
        return KernelTypeWriter.Number(field.Size, field.IsSigned && !field.TypeName.EndsWith('*'));
    }
}

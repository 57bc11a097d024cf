using System.Reflection;
using System.Runtime.CompilerServices;
using Hornet.IL.Values;
using Hornet.Kernel;

namespace Hornet;

/// <summary>Decides where the values of an event go in its record: one after the other, or as the fields of the user's struct lie.</summary>
internal static class CapturePlanner
{
    private const BindingFlags AllFields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    // Larger records would be copied badly; the kernel's ring buffer itself takes more.
    private const int LargestRecord = 32 * 1024;

    /// <summary>All values, one after the other.</summary>
    public static CapturePlan InOrder(IReadOnlyList<Capture> sources, ProbeOptions options, string probe)
    {
        List<Capture> placed = [];
        int at = RecordLayout.Fields;
        foreach (var source in sources.Select(s => AsText(s, options)))
        {
            int size = source.Field.Kind switch
            {
                ProbeFieldKind.SocketAddress => RecordLayout.SocketAddressSize,
                _ when source.Field.HasLength => options.TextSize,
                _ => source.Field.Size,
            };
            placed.Add(source with { Field = source.Field with { Offset = at, Size = size } });
            at += (size + (source.Field.HasLength ? RecordLayout.LengthSize : 0) + 7) / 8 * 8;
        }
        foreach (string text in options.Texts)
        {
            if (!sources.Any(s => s.Field.Name == text)) throw Unknown(probe, text, sources);
        }
        return Checked(placed, at, probe);
    }

    /// <summary>The values that a struct names, where it wants them.</summary>
    public static CapturePlan As<T>(IReadOnlyList<Capture> sources, ProbeOptions options, string probe) where T : unmanaged
    {
        List<Capture> placed = [];
        foreach (var member in typeof(T).GetFields(AllFields).OrderBy(f => f.MetadataToken))
        {
            var source = sources.FirstOrDefault(s => Plain(s.Field.Name) == Plain(MemberName(member))) ?? throw Unknown(probe, MemberName(member), sources, typeof(T));
            int offset = RecordLayout.Fields + Layout.OffsetOf(member), size = Layout.SizeOf(member.FieldType);
            bool number = member.FieldType.IsPrimitive || member.FieldType.IsEnum || member.FieldType.IsPointer;
            source = AsText(source, options);
            if (number)
            {
                if (member.FieldType == typeof(float) || member.FieldType == typeof(double)) throw Mismatch(probe, member, source, "no event has floating-point fields");
                if (source.From is not (CaptureFrom.Word or CaptureFrom.Usdt)) throw Mismatch(probe, member, source, $"take a struct of {source.Field.Size} bytes marked [InlineArray({source.Field.Size})]");
                // A number is asked for: the address itself, where it is one.
                var kind = source.Field.Kind == ProbeFieldKind.Integer ? ProbeFieldKind.Integer : ProbeFieldKind.Pointer;
                placed.Add(source with { Field = source.Field with { Kind = kind, Offset = offset, Size = size, HasLength = false }, StoredBytes = size, Clear = true });
            }
            else
            {
                var kind = source.Field.Kind;
                // Bytes are asked for, and the value is no more than an address: then of the text there.
                if (kind is ProbeFieldKind.Integer or ProbeFieldKind.Pointer)
                {
                    if (source.Field.Bits != 64) throw Mismatch(probe, member, source, "it is a number, so its field must be one");
                    kind = ProbeFieldKind.Text;
                }
                placed.Add(source with { Field = source.Field with { Kind = kind, Offset = offset, Size = size, HasLength = false }, Clear = true });
            }
        }
        return Checked(placed, RecordLayout.Fields + Unsafe.SizeOf<T>(), probe);
    }

    // A property of a record keeps its value in a field of another name.
    private static string MemberName(FieldInfo member) =>
        member.Name is ['<', ..] name && name.IndexOf('>') is var end and > 0 ? name[1..end] : member.Name;

    private static Capture AsText(Capture source, ProbeOptions options) =>
        source.Field.Kind is ProbeFieldKind.Integer or ProbeFieldKind.Pointer && options.Texts.Contains(source.Field.Name)
            ? source with { Field = source.Field with { Kind = ProbeFieldKind.Text, HasLength = true } }
            : source;

    // fd, Fd and FD, umode_t's mode and Mode, old_pid and OldPid are the same name.
    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    private static CapturePlan Checked(List<Capture> captures, int end, string probe)
    {
        int size = (end + 7) / 8 * 8;
        return size <= LargestRecord ? new CapturePlan(captures, size)
            : throw new ArgumentException($"An event of {probe} would take {size} bytes, more than {LargestRecord}. Ask for shorter texts (ProbeOptions.TextSize), or only for the fields you need with a struct.");
    }

    private static ArgumentException Unknown(string probe, string name, IReadOnlyList<Capture> sources, Type? type = null) =>
        new($"{probe} has no field for {(type is null ? $"'{name}'" : $"{type.Name}.{name}")}. {CloseNames.Describe(name, [.. sources.Select(s => s.Field.Name)])}");

    private static ArgumentException Mismatch(string probe, FieldInfo member, Capture source, string why) =>
        new($"{member.DeclaringType!.Name}.{MemberName(member)} cannot hold '{source.Field.Name}' ({source.Field.TypeName}) of {probe}: {why}.");
}

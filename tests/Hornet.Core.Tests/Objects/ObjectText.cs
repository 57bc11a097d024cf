using System.Text;
using Hornet.Isa;
using Hornet.Maps;
using Hornet.Objects;

namespace Hornet.Core.Tests.Objects;

/// <summary>An object as text, to compare two of them in everything they are.</summary>
internal static class ObjectText
{
    public static string Describe(BpfObject spec)
    {
        StringBuilder text = new();
        text.AppendLine($"license {spec.License} version {spec.KernelVersion:x} little {spec.IsLittleEndian}");
        foreach (var p in spec.Programs.OrderBy(p => p.Name, StringComparer.Ordinal))
        {
            text.AppendLine($"program {p.Name} {p.Type} {p.AttachType} '{p.AttachTo}' in {p.SectionName} flags {p.Flags} load {p.AutoLoad} license {p.License}");
            foreach (var i in p.Instructions)
            {
                var o = i.Metadata?.Tag as InstructionOrigin;
                text.AppendLine($"  {i.Symbol} | {i.Opcode:x2} {i.Dst} {i.Src} {i.Offset} {i.Constant:x} | {i.Metadata?.ReferenceKind ?? ReferenceKind.None} {i.Reference} | {i.Metadata?.Source}"
                    + $" | {o?.FunctionTypeId} {o?.Relocation?.TypeId} {o?.Relocation?.Kind} {o?.Relocation?.Access}");
            }
        }
        foreach (var m in spec.Maps.OrderBy(m => m.Name, StringComparer.Ordinal)) Describe(text, m);
        foreach (var e in spec.Externs.OrderBy(e => e.Name, StringComparer.Ordinal)) text.AppendLine($"extern {e} {e.BtfId} {e.Size} {e.Offset}");
        foreach (var v in spec.Variables.OrderBy(v => (v.Map, v.Offset, v.Name))) text.AppendLine($"variable {v.Name} {v.Map}+{v.Offset} {v.Size} {v.BtfId} {v.Binding} {v.Visibility}");
        if (spec.Arena is { } arena) text.AppendLine($"arena {arena.Map} {Convert.ToHexString(arena.Bytes)}");
        return text.ToString();
    }

    private static void Describe(StringBuilder text, MapSpec m)
    {
        text.AppendLine($"map {m} flags {m.Flags} extra {m.Extra} numa {m.NumaNode} types {m.KeyTypeId} {m.ValueTypeId} pin {m.Pinning} freeze {m.Freeze} create {m.AutoCreate} {m.StructOpsType} legacy {Convert.ToHexString(m.LegacyExtra)}");
        foreach (var (key, value) in m.Contents) text.AppendLine($"  {Convert.ToHexString(key)} = {(value is byte[] bytes ? Convert.ToHexString(bytes) : value)}");
        foreach (var (member, program) in m.StructOpsPrograms.OrderBy(p => p.Key, StringComparer.Ordinal)) text.AppendLine($"  {member} = {program}");
        if (m.InnerMap is not null) Describe(text, m.InnerMap);
    }
}

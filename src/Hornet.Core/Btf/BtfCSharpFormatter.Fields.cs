using System.Globalization;
using System.Text;

namespace Hornet.Btf;

public sealed partial class BtfCSharpFormatter
{
    /// <summary>The fields of one struct, those of anonymous ones inside it among them.</summary>
    private sealed class Fields(BtfCSharpFormatter formatter, BtfType owner, string name)
    {
        private readonly StringBuilder _text = new();
        private readonly HashSet<string> _taken = [name];
        private readonly Dictionary<(long Offset, int Bytes), string> _storage = [];

        public void Add(BtfType composite, long baseBits, int depth)
        {
            if (depth > BtfSpec.MaxDepth) throw owner.Spec.Malformed($"type {owner.Id} is nested too deeply");
            foreach (var member in composite.Members)
            {
                long bits = baseBits + member.BitOffset;
                if (!member.NameBytes.IsEmpty)
                {
                    if (member.BitfieldSize != 0) Bitfield(member, bits);
                    else Field(member, bits);
                }
                else if (member.Type.Resolve() is { IsComposite: true } inner)
                {
                    Add(inner, bits, depth + 1);
                }
                formatter.Spend(owner, 16);
            }
        }

        public override string ToString() => _text.ToString();

        private void Field(BtfMember member, long bits)
        {
            string field = Unique(CNames.Identifier(member.Name), _taken);
            string? type = formatter.TypeName(member.Type, $"{name}_{field}");
            long offset = bits / 8;
            if (type is null)
            {
                // A flexible array, or nothing at all: where it begins is still worth knowing.
                Append($"    /// <summary>Where <c>{Describe(member)}</c> begins.</summary>\n    {formatter._access} const int {Unique("OffsetOf_" + field, _taken)} = {offset};\n\n");
                return;
            }
            Append($"    /// <summary><c>{Describe(member)}</c></summary>\n    [FieldOffset({offset})] {formatter._access} {type} {Escape(field)};\n\n");
        }

        private void Bitfield(BtfMember member, long bits)
        {
            string field = Unique(CNames.Identifier(member.Name), _taken);
            BtfType type = member.Type.Resolve();
            string? value = formatter.TypeName(type, $"{name}_{field}");
            (long offset, int bytes) = Unit(bits, member.BitfieldSize);
            if (bytes == 0 || value is null || !(type.Kind == BtfKind.Int || type.IsEnum))
            {
                Append($"    // {Describe(member)} : {member.BitfieldSize} at bit {bits} cannot be read as one number.\n\n");
                return;
            }
            string unsigned = bytes switch { 1 => "byte", 2 => "ushort", 4 => "uint", _ => "ulong" };
            if (!_storage.TryGetValue((offset, bytes), out var storage))
            {
                storage = Unique(string.Create(CultureInfo.InvariantCulture, $"_bits{offset}"), _taken);
                _storage.Add((offset, bytes), storage);
                Append($"    [FieldOffset({offset})] private {unsigned} {storage};\n\n");
            }
            int width = member.BitfieldSize;
            int shift = (int)(bits - offset * 8);
            if (owner.Spec.IsBigEndian) shift = bytes * 8 - shift - width;
            string mask = width == 64 ? "ulong.MaxValue" : string.Create(CultureInfo.InvariantCulture, $"0x{(1UL << width) - 1:x}UL");
            string raw = $"((ulong){storage} >> {shift}) & {mask}";
            string get = value == "bool" ? $"({raw}) != 0"
                : type.IsSigned ? $"({value})((long)(({raw}) << {64 - width}) >> {64 - width})"
                : $"({value})({raw})";
            string set = value == "bool" ? "(value ? 1UL : 0UL)" : "(ulong)value";
            Append($$"""
                    /// <summary><c>{{Describe(member)}} : {{width}}</c></summary>
                    {{formatter._access}} {{value}} {{Escape(field)}}
                    {
                        readonly get => unchecked({{get}});
                        set => {{storage}} = unchecked(({{unsigned}})(((ulong){{storage}} & ~({{mask}} << {{shift}})) | (({{set}} & {{mask}}) << {{shift}})));
                    }


                """);
        }

        /// <summary>The smallest whole word inside the struct that holds the bits; (0, 0) when none does.</summary>
        private (long Offset, int Bytes) Unit(long bits, int width)
        {
            foreach (int bytes in (ReadOnlySpan<int>)[1, 2, 4, 8])
            {
                if (bytes > owner.Size) break;
                long aligned = bits / (bytes * 8) * bytes;
                long offset = Math.Min(aligned, owner.Size - bytes);
                if (offset * 8 <= bits && bits + width <= (offset + bytes) * 8) return (offset, bytes);
                // In a packed struct it may lie across words.
                offset = Math.Min(bits / 8, owner.Size - bytes);
                if (offset * 8 <= bits && bits + width <= (offset + bytes) * 8) return (offset, bytes);
            }
            return (0, 0);
        }

        private static string Describe(BtfMember member)
        {
            // Written out, a nameless struct would fill the page.
            BtfType inner = member.Type;
            for (int depth = 0; depth < BtfSpec.MaxDepth && (inner.IsModifier || inner.Kind is BtfKind.Pointer or BtfKind.Array); depth++) inner = inner.Target;
            string text = (inner.IsComposite || inner.IsEnum) && inner.IsAnonymous
                ? $"{CNames.Keyword(inner)} {{ … }} {CNames.Identifier(member.Name)}"
                : BtfCFormatter.Declaration(member.Type, CNames.Identifier(member.Name));
            return text.ReplaceLineEndings(" ").Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
        }

        private void Append(string text)
        {
            formatter.Spend(owner, text.Length);
            _text.Append(text);
        }
    }
}

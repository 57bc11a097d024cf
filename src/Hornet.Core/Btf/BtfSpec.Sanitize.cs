using System.Text;

namespace Hornet.Btf;

public sealed partial class BtfSpec
{
    /// <summary>
    /// The set as a kernel with these features accepts it, with the same type ids: what the kernel does not know becomes
    /// something of the same size that it knows (a float an empty struct, a 64-bit enum a union, a type tag a const…), and
    /// external variables and functions become ordinary ones, because no kernel loads them. Types may be added at the end.
    /// </summary>
    /// <param name="features">What the kernel accepts.</param>
    /// <returns>Raw BTF in this machine's byte order, to be loaded with <see cref="BpfBtf.Load(ReadOnlySpan{byte}, Kernel.BpfToken?, string)"/>.</returns>
    public byte[] Sanitize(BtfFeatures features)
    {
        BtfBuilder builder = BtfBuilder.CopyOf(this);
        for (uint id = FirstId; id < TypeCount; id++)
        {
            BtfKind kind = builder.KindOf(id);
            bool flag = builder.Word(id, 1) >> 31 != 0;
            switch (kind)
            {
                case BtfKind.Variable when !features.HasFlag(BtfFeatures.DataSections):
                    // The variable may be a byte long, and the kernel checks that it fits its section.
                    Replace(builder, id, BtfKind.Int, 1);
                    builder.Word(id, 3) = 8;
                    break;
                case BtfKind.Variable when (BtfLinkage)builder.Word(id, 3) == BtfLinkage.Extern:
                    builder.SetLinkage(id, BtfLinkage.Global);
                    break;
                case BtfKind.DeclTag when !features.HasFlag(BtfFeatures.DeclTags) || (flag && !features.HasFlag(BtfFeatures.TagAttributes)):
                    Replace(builder, id, BtfKind.Int, 1);
                    builder.Word(id, 3) = 8;
                    break;
                case BtfKind.TypeTag when !features.HasFlag(BtfFeatures.TypeTags) || (flag && !features.HasFlag(BtfFeatures.TagAttributes)):
                    Replace(builder, id, BtfKind.Const, builder.Word(id, 2));
                    builder.Word(id, 0) = 0;
                    break;
                case BtfKind.DataSection:
                    SanitizeSection(builder, id, features);
                    break;
                case BtfKind.FunctionPrototype when !features.HasFlag(BtfFeatures.Functions):
                    // Parameters and enum values are records of the same shape.
                    Replace(builder, id, BtfKind.Enum, 4, builder.Word(id, 1) & 0xffffff);
                    break;
                case BtfKind.Function when !features.HasFlag(BtfFeatures.Functions):
                    Replace(builder, id, BtfKind.Typedef, builder.Word(id, 2));
                    break;
                case BtfKind.Function:
                    bool external = (BtfLinkage)(builder.Word(id, 1) & 0xffff) == BtfLinkage.Extern;
                    if (!features.HasFlag(BtfFeatures.GlobalFunctions)) builder.SetLinkage(id, BtfLinkage.Static);
                    else if (external) builder.SetLinkage(id, BtfLinkage.Global);
                    break;
                case BtfKind.Float when !features.HasFlag(BtfFeatures.Floats):
                    // Anonymous: a struct cannot be called "float".
                    Replace(builder, id, BtfKind.Struct, builder.Word(id, 2));
                    builder.Word(id, 0) = 0;
                    break;
                case BtfKind.Enum when !features.HasFlag(BtfFeatures.Enum64):
                    builder.Word(id, 1) &= int.MaxValue;
                    break;
                case BtfKind.Enum64 when !features.HasFlag(BtfFeatures.Enum64):
                    int count = (int)(builder.Word(id, 1) & 0xffffff);
                    Replace(builder, id, BtfKind.Union, builder.Word(id, 2), (uint)count);
                    uint placeholder = count == 0 ? 0 : Placeholder(builder);
                    for (int i = 0; i < count; i++)
                    {
                        builder.Word(id, 4 + 3 * i) = placeholder;
                        builder.Word(id, 5 + 3 * i) = 0;
                    }
                    break;
            }
        }
        return builder.ToArray(!BitConverter.IsLittleEndian);
    }

    private static void SanitizeSection(BtfBuilder builder, uint id, BtfFeatures features)
    {
        uint count = builder.Word(id, 1) & 0xffffff;
        string name = Encoding.UTF8.GetString(builder.GetString(builder.Word(id, 0)));
        if (name == ".ksyms") SanitizeExternals(builder, id, count);
        if (features.HasFlag(BtfFeatures.DataSections))
        {
            if (name.StartsWith('?') && !features.HasFlag(BtfFeatures.OptionalDataSections)) builder.SetName(id, "_" + name[1..]);
            return;
        }
        // A struct's members are records of the same size, in another order: name, type, bit offset.
        builder.SetName(id, name.Replace('.', '_').Replace('?', '_'));
        Replace(builder, id, BtfKind.Struct, builder.Word(id, 2), count);
        for (int i = 0; i < count; i++)
        {
            uint variable = builder.Word(id, 3 + 3 * i), offset = builder.Word(id, 4 + 3 * i);
            builder.Word(id, 3 + 3 * i) = variable >= builder.FirstId && variable < builder.NextId ? builder.Word(variable, 0) : 0;
            builder.Word(id, 4 + 3 * i) = variable;
            builder.Word(id, 5 + 3 * i) = offset * 8;
        }
    }

    /// <summary>
    /// The section of external kernel symbols has no contents, and lists functions, which a section cannot. Each becomes an
    /// integer variable, one after the other; a parameter without a name, which the kernel refuses in a function, gets one.
    /// </summary>
    private static void SanitizeExternals(BtfBuilder builder, uint id, uint count)
    {
        uint integer = 0, dummy = 0;
        for (int i = 0; i < count; i++)
        {
            uint symbol = builder.Word(id, 3 + 3 * i);
            if (symbol < builder.FirstId || symbol >= builder.NextId) continue;
            if (integer == 0)
            {
                integer = builder.AddInt("int", 4, BtfIntEncoding.Signed);
                dummy = builder.AddVariable("dummy_ksym", integer);
            }
            BtfKind kind = builder.KindOf(symbol);
            if (kind == BtfKind.Function)
            {
                uint prototype = builder.Word(symbol, 2);
                if (prototype >= builder.FirstId && prototype < builder.NextId && builder.KindOf(prototype) == BtfKind.FunctionPrototype)
                {
                    uint parameters = builder.Word(prototype, 1) & 0xffffff;
                    for (int p = 0; p < parameters; p++)
                    {
                        if (builder.Word(prototype, 3 + 2 * p) == 0 && builder.Word(prototype, 4 + 2 * p) != 0)
                            builder.Word(prototype, 3 + 2 * p) = builder.Word(dummy, 0);
                    }
                }
                builder.Word(id, 3 + 3 * i) = dummy;
            }
            else if (kind == BtfKind.Variable)
            {
                builder.SetTarget(symbol, integer);
            }
            builder.Word(id, 4 + 3 * i) = (uint)i * 4;
            builder.Word(id, 5 + 3 * i) = 4;
        }
        builder.SetSize(id, count * 4);
    }

    private static uint Placeholder(BtfBuilder builder)
    {
        const string name = "enum64_placeholder";
        uint last = builder.NextId - 1;
        return last >= builder.FirstId && builder.KindOf(last) == BtfKind.Int && builder.GetString(builder.Word(last, 0)).SequenceEqual(Encoding.ASCII.GetBytes(name))
            ? last
            : builder.AddInt(name, 1);
    }

    private static void Replace(BtfBuilder builder, uint id, BtfKind kind, uint third, uint count = 0)
    {
        builder.Word(id, 1) = (uint)kind << 24 | count;
        builder.Word(id, 2) = third;
    }
}

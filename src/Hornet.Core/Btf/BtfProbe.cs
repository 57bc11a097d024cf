using Hornet.Interop;
using Hornet.Kernel;

namespace Hornet.Btf;

/// <summary>Finds out which kinds of BTF the kernel accepts, by loading the smallest set that has each.</summary>
internal static class BtfProbe
{
    public static BtfFeatures Run(BpfToken? token)
    {
        // A set that every kernel with BTF takes: when this fails, the failure says nothing about features.
        BtfBuilder plain = new();
        plain.AddInt("int", 4, BtfIntEncoding.Signed);
        using (BpfBtf.Load(plain.ToArray(!BitConverter.IsLittleEndian), token, "a single int")) { }

        BtfFeatures features = 0;
        Probe(BtfFeatures.Functions, (b, i) => b.AddFunction("x", b.AddPrototype(0, ("a", i))));
        Probe(BtfFeatures.DataSections, (b, i) => b.AddDataSection(".data", 4, (b.AddVariable("x", i, BtfLinkage.Static), 0u, 4u)));
        Probe(BtfFeatures.GlobalFunctions, (b, i) => b.AddFunction("x", b.AddPrototype(0, ("a", i)), BtfLinkage.Global));
        Probe(BtfFeatures.Floats, (b, _) => b.AddFloat("float", 4));
        Probe(BtfFeatures.DeclTags, (b, i) => b.AddDeclTag("tag", b.AddVariable("x", i, BtfLinkage.Static)));
        Probe(BtfFeatures.TypeTags, (b, i) => b.AddPointer(b.AddTypeTag("tag", i)));
        Probe(BtfFeatures.Enum64, (b, _) => b.AddEnum64("e", 8, false, ("E", 0)));
        Probe(BtfFeatures.OptionalDataSections, (b, i) => b.AddDataSection("?.data", 4, (b.AddVariable("x", i, BtfLinkage.Static), 0u, 4u)));
        Probe(BtfFeatures.TagAttributes, (b, i) => b.AddPointer(b.AddTypeTag("tag", i, attribute: true)));
        return features;

        void Probe(BtfFeatures feature, Action<BtfBuilder, uint> add)
        {
            BtfBuilder builder = new();
            add(builder, builder.AddInt("int", 4, BtfIntEncoding.Signed));
            using FileDescriptor? descriptor = BpfBtf.TryLoad(builder.ToArray(!BitConverter.IsLittleEndian), token, "probe", 0, 0, out _);
            if (descriptor is not null) features |= feature;
        }
    }
}

using Hornet.Btf;

namespace Hornet.KernelTests.Btf;

public class BpfBtfTests
{
    [KernelFact]
    public void Sanitised_types_are_accepted_by_this_kernel_and_read_back_the_same()
    {
        var spec = BtfObject();
        using var btf = BpfBtf.Load(spec);
        Assert.True(btf.Info.Id > 0);
        Assert.False(btf.Info.IsKernel);
        Assert.Equal(spec.Sanitize(BpfBtf.KernelFeatures), btf.ReadSpec().RawData.ToArray());
        Assert.Contains(BpfBtf.Enumerate(), o => o.Id == btf.Info.Id);
        using var again = BpfBtf.Open(btf.Info.Id);
        Assert.Equal(btf.Info, again.Info);
    }

    [KernelFact]
    public void Every_level_of_sanitising_makes_types_that_a_kernel_accepts()
    {
        var spec = BtfObject();
        BtfFeatures features = BpfBtf.KernelFeatures;
        foreach (var less in new[] { features, BtfFeatures.None, BtfFeatures.Functions, BtfFeatures.Functions | BtfFeatures.DataSections, features & ~BtfFeatures.Enum64 & ~BtfFeatures.TypeTags })
        {
            using var btf = BpfBtf.Load(spec.Sanitize(less));
            Assert.True(btf.Info.Size > 0);
        }
    }

    [KernelFact]
    public void What_the_kernel_accepts_fits_its_version()
    {
        // 5.10 is the oldest kernel Hornet is tested on, so these are everywhere.
        var features = BpfBtf.KernelFeatures;
        Assert.True(features.HasFlag(BtfFeatures.Functions | BtfFeatures.DataSections | BtfFeatures.GlobalFunctions));
        Version kernel = Environment.OSVersion.Version;
        foreach (var (feature, since) in new[] { (BtfFeatures.Floats, "5.13"), (BtfFeatures.DeclTags, "5.16"), (BtfFeatures.TypeTags, "5.17"), (BtfFeatures.Enum64, "6.0"), (BtfFeatures.OptionalDataSections, "6.9"), (BtfFeatures.TagAttributes, "6.15") })
            Assert.True(features.HasFlag(feature) == kernel >= Version.Parse(since), $"{feature} on {kernel}: {features.HasFlag(feature)}, but it is said to be there since {since}");
    }

    [KernelFact]
    public void A_refusal_has_the_kernels_words()
    {
        BtfBuilder b = new();
        b.AddStruct("s", 4, new BtfMemberDefinition("m", 99, 0));
        var e = Assert.Throws<BtfLoadException>(() => BpfBtf.Load(b.ToArray(), name: "bad.o"));
        Assert.Contains("bad.o", e.Message);
        Assert.Contains("The kernel says: ", e.Message);
        Assert.Contains("[1] STRUCT s", e.Log);
    }

    [KernelFact(Needs.VmlinuxBtf, MinKernel = "5.11")]
    public void The_kernels_own_types_are_listed_by_name_and_readable_by_id()
    {
        var vmlinux = BpfBtf.Enumerate().Single(o => o.Name == "vmlinux");
        Assert.True(vmlinux.IsKernel);
        using var btf = BpfBtf.Open(vmlinux.Id);
        var spec = btf.ReadSpec();
        Assert.Equal(KernelBtf.Vmlinux.TypeCount, spec.TypeCount);
        Assert.Equal(KernelBtf.Vmlinux.Find("task_struct", BtfKind.Struct).Id, spec.Find("task_struct", BtfKind.Struct).Id);
    }

    private static BtfSpec BtfObject()
    {
        BtfBuilder b = new();
        uint i = b.AddInt("int", 4, BtfIntEncoding.Signed);
        uint f = b.AddFloat("double", 8);
        uint e = b.AddEnum("color", 4, true, ("RED", 1), ("BLUE", -1));
        uint e64 = b.AddEnum64("huge", 8, false, ("HUGE", unchecked((long)0xfedcba9876543210)));
        uint s = b.AddStruct("thing", 32, new("f", f, 0), new("e", e, 64), new("bits", i, 96, 3), new("h", e64, 128), new("i", i, 192));
        uint p = b.AddPointer(b.AddTypeTag("user", s));
        uint function = b.AddFunction("func", b.AddPrototype(i, ("ctx", p)), BtfLinkage.Global);
        b.AddDeclTag("hot", function, 0);
        b.AddDeclTag("thing:tag", s);
        uint v = b.AddVariable("counter", i);
        uint w = b.AddVariable("other", s, BtfLinkage.Static);
        b.AddDataSection(".bss", 36, (v, 0u, 4u), (w, 4u, 32u));
        b.AddDataSection("?.struct_ops", 4, (b.AddVariable("third", i), 0u, 4u));
        return b.Build("thing.o");
    }
}

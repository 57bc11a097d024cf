namespace Hornet.Btf;

/// <summary>Which kinds of BTF a kernel accepts from a program. See <see cref="BpfBtf.KernelFeatures"/>.</summary>
[Flags]
public enum BtfFeatures
{
    /// <summary>Only what 4.18 had.</summary>
    None = 0,
    /// <summary>FUNC and FUNC_PROTO (5.0).</summary>
    Functions = 1 << 0,
    /// <summary>VAR and DATASEC (5.2).</summary>
    DataSections = 1 << 1,
    /// <summary>FUNC with global linkage (5.6).</summary>
    GlobalFunctions = 1 << 2,
    /// <summary>FLOAT (5.13).</summary>
    Floats = 1 << 3,
    /// <summary>DECL_TAG (5.16).</summary>
    DeclTags = 1 << 4,
    /// <summary>TYPE_TAG (5.17).</summary>
    TypeTags = 1 << 5,
    /// <summary>ENUM64 and the sign of enums (6.0).</summary>
    Enum64 = 1 << 6,
    /// <summary>Data sections whose name begins with <c>?</c> (6.9).</summary>
    OptionalDataSections = 1 << 7,
    /// <summary>Tags that stand for compiler attributes (kind flag; 6.15).</summary>
    TagAttributes = 1 << 8,
    /// <summary>Everything.</summary>
    All = Functions | DataSections | GlobalFunctions | Floats | DeclTags | TypeTags | Enum64 | OptionalDataSections | TagAttributes,
}

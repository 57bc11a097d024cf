using Hornet.Script.Syntax;

namespace Hornet.Script.Types;

/// <summary>What programs of the traffic control answer, which the kernel's headers define and its BTF does not have.</summary>
internal sealed class VerdictNames : ITypeSource
{
    public static readonly VerdictNames Instance = new();

    private static readonly EnumType s_type = new(new EnumTypeInfo("enum tc_action", 32, true,
        [("TC_ACT_UNSPEC", -1), ("TC_ACT_OK", 0), ("TC_ACT_RECLASSIFY", 1), ("TC_ACT_SHOT", 2), ("TC_ACT_PIPE", 3), ("TC_ACT_STOLEN", 4), ("TC_ACT_REDIRECT", 7)]));

    public ScriptType? FindType(string name) => null;

    public (EnumType Type, long Value)? FindEnumerator(string name)
    {
        foreach (var (own, value) in s_type.Info.Values)
        {
            if (own == name) return (s_type, value);
        }
        return null;
    }

    public ScriptType? FindVariableType(string name) => null;

    public ExpressionSyntax? FindConstant(string name) => null;
}

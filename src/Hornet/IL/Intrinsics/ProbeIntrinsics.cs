using System.Reflection;
using Hornet.IL.Values;

namespace Hornet.IL.Intrinsics;

/// <summary>What predicates on events ask while they are compiled: where a field is.</summary>
internal static class ProbeIntrinsics
{
    public static void Register(IntrinsicRegistry registry)
    {
        registry.Add(typeof(ProbeSchema), Evaluate, nameof(ProbeSchema.Find), nameof(ProbeSchema.FindText));
        registry.Add(typeof(ProbeValue), static _ => new ObjectConstant(null), nameof(ProbeValue.Copy));
        registry.Add(typeof(ProbeValue), static call => call.Translator.Report(Rules.Strings, "the bytes of an event's field are taken; use e.Is(name, text) or e.StartsWith(name, text)"),
            "get_Bytes", nameof(ProbeValue.ToEndPoint));
    }

    // The method itself is called, now.
    private static ILValue? Evaluate(IntrinsicCall call)
    {
        if (call.Target is not ObjectConstant { Instance: ProbeSchema schema } || call.Arguments[0] is not ObjectConstant { Instance: string name })
            return call.Translator.Report(Rules.NotConstant, "the name of an event's field is not a constant");
        try
        {
            return new ObjectConstant(call.Method.Invoke(schema, BindingFlags.DoNotWrapExceptions, null, [name], null));
        }
        catch (Exception e) when (e is KeyNotFoundException or ArgumentException)
        {
            return call.Translator.Report(Rules.UnknownProbeField, e.Message);
        }
    }
}

using System.Reflection;
using System.Runtime.InteropServices;

namespace Hornet;

/// <summary>What a query does to an event while it is still in the kernel: keep it or not, or make other fields of it.</summary>
/// <param name="Name">For messages: <c>Where</c>.</param>
/// <param name="Method">What is compiled: a method of <see cref="KernelStageCode"/>.</param>
/// <param name="Lambda">The user's code.</param>
/// <param name="FieldsSize">Bytes of the fields afterwards; 0 when they stay.</param>
internal sealed record KernelStage(string Name, MethodInfo Method, Delegate Lambda, int FieldsSize = 0)
{
    public static KernelStage Where(Func<ProbeEvent, bool> predicate) => new("Where", KernelStageCode.Method<Func<ProbeEvent, bool>>(KernelStageCode.Where), Checked(predicate));

    public static KernelStage Where<T>(Func<ProbeEvent<T>, bool> predicate) where T : unmanaged => new("Where", KernelStageCode.Method<Func<ProbeEvent<T>, bool>>(KernelStageCode.Where), Checked(predicate));

    public static KernelStage Select<TResult>(Func<ProbeEvent, TResult> projection) where TResult : unmanaged =>
        new("Select", KernelStageCode.Method<Func<ProbeEvent, TResult>>(KernelStageCode.Select), Checked(projection), SizeOf<TResult>());

    public static KernelStage Select<T, TResult>(Func<ProbeEvent<T>, TResult> projection) where T : unmanaged where TResult : unmanaged =>
        new("Select", KernelStageCode.Method<Func<ProbeEvent<T>, TResult>>(KernelStageCode.Select), Checked(projection), SizeOf<TResult>());

    private static Delegate Checked(Delegate lambda)
    {
        ArgumentNullException.ThrowIfNull(lambda);
        return lambda;
    }

    private static int SizeOf<T>() where T : unmanaged => System.Runtime.CompilerServices.Unsafe.SizeOf<T>();
}

/// <summary>
/// The frame around a query's lambdas. It is C# that runs in the kernel: the compiler makes a function of it that takes the
/// event's record and says whether the event goes on.
/// </summary>
internal static class KernelStageCode
{
    public delegate bool Stage<in TLambda>(ProbeSchema schema, TLambda lambda, Span<byte> record) where TLambda : Delegate;

    public static MethodInfo Method<TLambda>(Stage<TLambda> stage) where TLambda : Delegate => stage.Method;

    public static bool Where(ProbeSchema schema, Func<ProbeEvent, bool> predicate, Span<byte> record) => predicate(new ProbeEvent(schema, record));

    public static bool Where<T>(ProbeSchema schema, Func<ProbeEvent<T>, bool> predicate, Span<byte> record) where T : unmanaged => predicate(new ProbeEvent<T>(schema, record));

    public static bool Select<TResult>(ProbeSchema schema, Func<ProbeEvent, TResult> projection, Span<byte> record) where TResult : unmanaged
    {
        var result = projection(new ProbeEvent(schema, record));
        MemoryMarshal.Write(record[RecordLayout.Fields..], in result);
        return true;
    }

    public static bool Select<T, TResult>(ProbeSchema schema, Func<ProbeEvent<T>, TResult> projection, Span<byte> record) where T : unmanaged where TResult : unmanaged
    {
        var result = projection(new ProbeEvent<T>(schema, record));
        MemoryMarshal.Write(record[RecordLayout.Fields..], in result);
        return true;
    }
}

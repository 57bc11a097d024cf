// Mistakes, each a class with a kernel: compiled by the tests, not with them. A line says in a comment which rules it breaks.

using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Hornet.Interop;
using Hornet.Maps;

namespace Hornet.Tests.Mistakes;

internal static class Shared
{
    public static readonly int[] Table = [3, 1, 4, 1, 5];
    public static readonly List<uint> List = [];
    public static readonly bool Verbose = false;
    public static readonly Func<int, int> Double = v => v * 2, Square = v => v * v;
    public static readonly Exception Error = new InvalidOperationException();
    public static readonly BpfHashMap<uint, ulong> Counts = new(Described(new MapSpec { Name = "counts", Type = MapType.Hash, KeySize = 4, ValueSize = 8, MaxEntries = 10 }));
    public static readonly BpfHashMap<uint, Account> Accounts = new(Described(new MapSpec { Name = "accounts", Type = MapType.Hash, KeySize = 4, ValueSize = 24, MaxEntries = 10 }));
    public static readonly BpfHashMap<uint, Jobs> Jobs = Queues();
    public static int Changing = 3;

    public static int Property { get; set; }

    private static BpfHashMap<uint, Jobs> Queues()
    {
        using MapDeclarationScope scope = new();
        return BpfHashMap<uint, Jobs>.Create("jobs", 10);
    }

    private static BpfMap Described(MapSpec spec)
    {
        using MapDeclarationScope scope = new();
        return BpfMap.Create(spec);
    }
}

internal struct Job
{
    public ulong Number;
    public BpfListNode Link;
}

internal struct Jobs
{
    public BpfSpinLock Lock;
    public BpfList<Job> Waiting;
}

internal struct Account
{
    public BpfSpinLock Lock;
    public ulong Packets, Bytes;
}

internal interface IScale
{
    int Apply(int value);
}

internal readonly struct Triple : IScale
{
    public int Apply(int value) => value * 3;
}

internal class Node
{
    public int Value;

    public virtual int Read() => Value;
}

internal record Point(int X, int Y);

internal record struct Size(int Width, int Height);

internal static class NewObject
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        var node = new Node(); // HRN1001
        return XdpAction.Pass;
    }
}

internal static class NewObjectByTarget
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        Node node = new() { Value = 3 }; // HRN1001
        return XdpAction.Pass;
    }
}

internal static class NewList
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        List<int> list = [1, 2, 3]; // HRN1001
        return XdpAction.Pass;
    }
}

internal static class NewArray
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        var bytes = new byte[64]; // HRN1001
        return XdpAction.Pass;
    }
}

internal static class NewArrayOfElements
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        int[] elements = [ctx.Data.Length, 2]; // HRN1001
        return XdpAction.Pass;
    }
}

internal static class ParamsArray
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        return Sum(ctx.Data.Length, 2) > 3 ? XdpAction.Drop : XdpAction.Pass; // HRN1001
    }

    static int Sum(params int[] values) => values.Length;
}

internal static class AnonymousType
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        var pair = new { ctx.Data.Length }; // HRN1001
        return XdpAction.Pass;
    }
}

internal static class RecordClass
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        var point = new Point(1, ctx.Data.Length); // HRN1001
        return XdpAction.Pass;
    }
}

internal static class Iterator
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        foreach (int number in Numbers()) // HRN1001
        {
            if (number == ctx.Data.Length) return XdpAction.Drop;
        }
        return XdpAction.Pass;
    }

    static IEnumerable<int> Numbers()
    {
        yield return 60;
    }
}

internal static class ThrowStatement
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        if (ctx.Data.Length < 14)
        {
            throw new InvalidOperationException(); // HRN1002
        }
        return XdpAction.Pass;
    }
}

internal static class ThrowExpression
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        int length = ctx.Data.Length > 14 ? ctx.Data.Length : throw Shared.Error; // HRN1002
        return length > 60 ? XdpAction.Drop : XdpAction.Pass;
    }
}

internal static class ThrowingArm
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        return ctx.Data.Length switch
        {
            > 100 => XdpAction.Drop,
            > 60 => XdpAction.Pass,
            _ => throw Shared.Error, // HRN1002
        };
    }
}

internal static class Catch
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        try
        {
            return ctx.Data[100] == 3 ? XdpAction.Drop : XdpAction.Pass;
        }
        catch (IndexOutOfRangeException) // HRN1002
        {
            return XdpAction.Pass;
        }
    }
}

internal static class CatchWithFilter
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        int length = ctx.Data.Length;
        try
        {
            length /= length - 60;
        }
        catch (DivideByZeroException) when (length > 3) // HRN1002
        {
        }
        return XdpAction.Pass;
    }
}

internal static class CatchInCalled
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx) => Safe(ctx.Data.Length) > 3 ? XdpAction.Drop : XdpAction.Pass;

    static int Safe(int value)
    {
        try
        {
            return checked(value * 3);
        }
        catch // HRN1002
        {
            return 0;
        }
    }
}

internal static class DoubleLiteral
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        return ctx.Data.Length > 60.5 ? XdpAction.Drop : XdpAction.Pass; // HRN1003
    }
}

internal static class FloatConversion
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        float length = ctx.Data.Length; // HRN1003
        return length > 3 ? XdpAction.Drop : XdpAction.Pass; // HRN1003
    }
}

internal static class FloatConstant
{
    private const double Factor = 1.5;

    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        int scaled = (int)(ctx.Data.Length * Factor); // HRN1003
        return scaled > 100 ? XdpAction.Drop : XdpAction.Pass;
    }
}

internal static class FunctionPointer
{
    [KernelCode]
    static unsafe XdpAction Kernel(XdpContext ctx)
    {
        delegate*<int, int> scale = &Scaled;
        int scaled = scale(ctx.Data.Length); // HRN1004
        return scaled > 100 ? XdpAction.Drop : XdpAction.Pass;
    }

    static int Scaled(int value) => value * 3;
}

internal static class InterfaceOfStruct
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        return ((IScale)new Triple()).Apply(ctx.Data.Length) > 3 ? XdpAction.Drop : XdpAction.Pass; // HRN1004
    }
}

internal static class Recursive
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx) => Count(ctx.Data.Length & 15) > 3 ? XdpAction.Drop : XdpAction.Pass;

    static int Count(int left)
    {
        if (left == 0) return 0;
        return 1 + Count(left - 1); // HRN1005
    }
}

internal static class MutuallyRecursive
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx) => IsEven(ctx.Data.Length & 15) ? XdpAction.Drop : XdpAction.Pass;

    static bool IsEven(int n) => n == 0 || IsOdd(n - 1);

    static bool IsOdd(int n) => n != 0 && IsEven(n - 1); // HRN1005
}

internal static class BoxedAtRunTime
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        return (ctx.Data.Length > 60 ? (object)ctx.Data.Length : null) is int ? XdpAction.Drop : XdpAction.Pass; // HRN1006
    }
}

internal static class StackOfVariableSize
{
    [KernelCode]
    static unsafe XdpAction Kernel(XdpContext ctx)
    {
        byte* bytes = stackalloc byte[ctx.Data.Length & 63]; // HRN1007
        return bytes[0] > 3 ? XdpAction.Drop : XdpAction.Pass;
    }
}

internal static class StaticRead
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        return ctx.Data.Length > Shared.Changing ? XdpAction.Drop : XdpAction.Pass; // HRN1008
    }
}

internal static class StaticWritten
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        Shared.Changing = ctx.Data.Length; // HRN1008
        return XdpAction.Pass;
    }
}

internal static class StaticCounted
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        Shared.Changing++; // HRN1008
        return XdpAction.Pass;
    }
}

internal static class StaticAddedAtomically
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        Interlocked.Increment(ref Shared.Changing); // HRN1008
        return XdpAction.Pass;
    }
}

internal static class CapturedCounted
{
    [return: KernelCode]
    static Func<XdpContext, XdpAction> Kernel()
    {
        int packets = 0;
        return ctx =>
        {
            packets++; // HRN1009
            return XdpAction.Pass;
        };
    }
}

internal static class CapturedAssigned
{
    [return: KernelCode]
    static Func<XdpContext, XdpAction> Kernel()
    {
        int last = 0;
        return ctx =>
        {
            last = ctx.Data.Length; // HRN1009
            return XdpAction.Pass;
        };
    }
}

internal static class CapturedInLoop
{
    [return: KernelCode]
    static Func<XdpContext, XdpAction> Kernel()
    {
        int sum = 0;
        return ctx =>
        {
            Bpf.Loop(ctx.Data.Length & 7, i =>
            {
                sum += i; // HRN1009
            });
            return XdpAction.Pass;
        };
    }
}

internal static class CapturedObjectChanged
{
    [return: KernelCode]
    static Func<XdpContext, XdpAction> Kernel()
    {
        Node node = new();
        return ctx =>
        {
            node.Value = ctx.Data.Length; // HRN1009
            return XdpAction.Pass;
        };
    }
}

internal static class CapturedParameter
{
    static Func<XdpContext, XdpAction> Kernel() => Make(3);

    [return: KernelCode]
    static Func<XdpContext, XdpAction> Make(int limit) => ctx => --limit > 0 ? XdpAction.Drop : XdpAction.Pass; // HRN1009
}

internal static class ArrayElementAssigned
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        Shared.Table[1] = ctx.Data.Length; // HRN1009
        return XdpAction.Pass;
    }
}

internal static class DelegateChosen
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        var compute = ctx.Data.Length > 60 ? Shared.Double : Shared.Square;
        int result = compute(ctx.Data.Length); // HRN1010
        return result > 3 ? XdpAction.Drop : XdpAction.Pass;
    }
}

internal static class PointersStored
{
    [KernelCode]
    static unsafe XdpAction Kernel(XdpContext ctx)
    {
        int first = 1;
        int** pointers = stackalloc int*[2];
        pointers[0] = &first; // HRN1012
        return XdpAction.Pass;
    }
}

internal static class LiteralWritten
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        Span<int> table = Shared.Table;
        table[1] = ctx.Data.Length; // HRN1013
        return XdpAction.Pass;
    }
}

internal static class ArrayElementCounted
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        Shared.Table[1]++; // HRN1013
        return XdpAction.Pass;
    }
}

internal static class TypedReferences
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        int length = ctx.Data.Length;
        var reference = __makeref(length); // HRN1015
        return XdpAction.Pass;
    }
}

internal static class Dynamic
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        dynamic list = Shared.List;
        list.Clear(); // HRN1015
        return XdpAction.Pass;
    }
}

internal static class LibraryMethod
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        Shared.List.Clear(); // HRN2104
        return XdpAction.Pass;
    }
}

internal static class LibraryProperty
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        return Environment.TickCount > ctx.Data.Length ? XdpAction.Drop : XdpAction.Pass; // HRN2104
    }
}

internal static class LibraryConstructor
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        DateTime start = new(2026, 1, ctx.Data.Length); // HRN2104
        return XdpAction.Pass;
    }
}

internal static class LibraryIndexer
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        uint first = Shared.List[0]; // HRN2104
        return XdpAction.Pass;
    }
}

internal static class LibraryOperator
{
    [return: KernelCode]
    static Func<XdpContext, XdpAction> Kernel()
    {
        var id = Guid.NewGuid();
        return ctx => id == default ? XdpAction.Drop : XdpAction.Pass; // HRN2104
    }
}

internal static class LibraryEnumerator
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        foreach (uint number in Shared.List) // HRN2104
        {
            if (number == ctx.Data.Length) return XdpAction.Drop;
        }
        return XdpAction.Pass;
    }
}

internal static class Argument
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ctx.Data.Length); // HRN2104
        return XdpAction.Pass;
    }
}

internal static class QuerySyntax
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        var large = from number in Shared.Table where number > 3 select number; // HRN2105
        return XdpAction.Pass;
    }
}

internal static class QueryMethods
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        int sum = Shared.Table.Select(number => number * 2).Sum(); // HRN2105
        return XdpAction.Pass;
    }
}

internal static class AsyncLambda
{
    [return: KernelCode]
    static Action Kernel() => async () => await Task.Delay(1); // HRN2106
}

internal static class AsyncMethodCalled
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        _ = Wait(); // HRN2106
        return XdpAction.Pass;
    }

    static async Task Wait() => await Task.Yield();
}

internal static class TaskStarted
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        Task.Run(Console.Beep); // HRN2106
        return XdpAction.Pass;
    }
}

internal static class LockStatement
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        lock (Shared.List) // HRN2107
        {
            return XdpAction.Pass;
        }
    }
}

internal static class LockObject
{
    private static readonly Lock s_lock = new();

    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        s_lock.Enter(); // HRN2107
        return XdpAction.Pass;
    }
}

internal static class MonitorUsed
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        Monitor.Enter(Shared.List); // HRN2107
        return XdpAction.Pass;
    }
}

internal static class Interpolation
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        string text = $"length {ctx.Data.Length}"; // HRN2108
        return XdpAction.Pass;
    }
}

internal static class Concatenation
{
    private static readonly string s_prefix = "length ";

    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        string text = s_prefix + ctx.Data.Length; // HRN2108
        return XdpAction.Pass;
    }
}

internal static class EnumToString
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        string text = ((XdpAction)ctx.Data.Length).ToString(); // HRN2108
        return XdpAction.Pass;
    }
}

internal static class StringMethod
{
    private static readonly string s_name = "eth0";

    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        string upper = s_name.ToUpperInvariant(); // HRN2108
        return XdpAction.Pass;
    }
}

internal static class ConsoleUsed
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        Console.Error.WriteLine(); // HRN2109
        return XdpAction.Pass;
    }
}

internal static class Native
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        return getpid() == 3 ? XdpAction.Drop : XdpAction.Pass; // HRN2111
    }

    [DllImport("libc")]
    static extern int getpid();
}

internal static class MapWalked
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        var count = Shared.Counts.Count(); // HRN2112
        return XdpAction.Pass;
    }
}

internal static class MapCleared
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        Shared.Counts.Clear(); // HRN2112
        return XdpAction.Pass;
    }
}

internal static class LockCopied
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        return Shared.Accounts.TryGetValue(1, out var account) ? XdpAction.Drop : XdpAction.Pass; // HRN2113
    }
}

internal static class LockCopiedFromPlace
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        var account = Shared.Accounts.GetOrAdd(1); // HRN2113
        account.Packets++;
        return account.Packets > 10 ? XdpAction.Drop : XdpAction.Pass;
    }
}

internal static class ListWithoutLock
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        ref var queue = ref Shared.Jobs.GetOrAdd(1);
        ref var job = ref BpfObjects.New<Job>();
        if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref job)) return XdpAction.Drop;
        queue.Waiting.PushBack(ref job); // HRN3018
        return XdpAction.Pass;
    }
}

internal static class ObjectForgotten
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        ref var queue = ref Shared.Jobs.GetOrAdd(1);
        ref var job = ref BpfObjects.New<Job>(); // HRN3016
        if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref job)) return XdpAction.Drop;
        job.Number = 5;
        return job.Number > 10 ? XdpAction.Drop : XdpAction.Pass;
    }
}

internal static class ObjectUsedAfterItWasFreed
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        ref var queue = ref Shared.Jobs.GetOrAdd(1);
        ref var job = ref BpfObjects.New<Job>();
        if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref job)) return XdpAction.Drop;
        BpfObjects.Drop(ref job);
        return job.Number > 10 ? XdpAction.Drop : XdpAction.Pass; // HRN3017
    }
}

internal static class ClockUnderLock
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        ref var account = ref Shared.Accounts.GetOrAdd(1);
        using (account.Lock.Enter())
        {
            account.Packets = Bpf.KtimeNs; // HRN3019
        }
        return XdpAction.Pass;
    }
}

internal static class LockUnderLock
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        ref var account = ref Shared.Accounts.GetOrAdd(1);
        ref var other = ref Shared.Accounts.GetOrAdd(2);
        using (account.Lock.Enter())
        {
            using (other.Lock.Enter()) // HRN3019
            {
                other.Packets++;
            }
        }
        return XdpAction.Pass;
    }
}

internal static class ManyAtOnce
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        Console.WriteLine("one"); // HRN2109
        Shared.Changing++; // HRN1008
        if (ctx.Data.Length == 0) Shared.List.Clear(); // HRN2104
        lock (Shared.List) // HRN2107
        {
            var node = new Node(); // HRN1001
        }
        return XdpAction.Pass;
    }
}

internal static class Chain
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        Outer(ctx.Data.Length);
        return XdpAction.Pass;
    }

    static void Outer(int value) => Inner(value + 1);

    static void Inner(int value)
    {
        Console.WriteLine(value); // HRN2109
    }
}

internal static class ChainOfLocalFunctions
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        return Scaled(ctx.Data.Length) > 3 ? XdpAction.Drop : XdpAction.Pass;

        static int Scaled(int value)
        {
            GC.Collect(); // HRN2104
            return value * 3;
        }
    }
}

internal static class InOperator
{
    private readonly struct Meters(int value)
    {
        public readonly int Value = value;

        public static Meters operator +(Meters a, Meters b)
        {
            Console.Beep(); // HRN2109
            return new Meters(a.Value + b.Value);
        }
    }

    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        var sum = new Meters(ctx.Data.Length) + new Meters(3);
        return sum.Value > 3 ? XdpAction.Drop : XdpAction.Pass;
    }
}

internal static class InPropertyAndConstructor
{
    private readonly struct Box
    {
        private readonly int _value;

        public Box(int value)
        {
            Shared.List.Clear(); // HRN2104
            _value = value;
        }

        public int Value
        {
            get
            {
                Console.Beep(); // HRN2109
                return _value;
            }
        }
    }

    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        Box box = new(ctx.Data.Length);
        return box.Value > 3 ? XdpAction.Drop : XdpAction.Pass;
    }
}

internal static class DelegateOfAField
{
    private static readonly Action s_beep = () => Console.Beep(); // HRN2109

    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        s_beep();
        return XdpAction.Pass;
    }
}

internal static class WhatConstantsLeaveOut
{
    private static readonly int s_level = 0;

    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        if (Shared.Verbose) Console.WriteLine(ctx.Data.Length);
        if (Shared.Verbose && ctx.Data.Length > 3) Console.WriteLine(ctx.Data.Length);
        if (s_level > 3) throw Shared.Error;
        string? text = s_level == 0 ? null : s_level.ToString();
        Log(false, ctx.Data.Length);
        switch (s_level)
        {
            case 1:
                Console.Beep();
                break;
        }
        if (!Shared.Verbose) return XdpAction.Pass;
        Console.Beep();
        return XdpAction.Drop;
    }

    static void Log(bool isOn, int value)
    {
        if (isOn) Console.WriteLine(value);
    }
}

internal static class WhatIsNotLeftOut
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        Log(ctx.Data.Length > 3, ctx.Data.Length);
        if (Shared.Verbose || ctx.Data.Length > 3) Shared.List.Clear(); // HRN2104
        if (Bpf.Tgid == 3) return XdpAction.Pass;
        Console.Beep(); // HRN2109
        return XdpAction.Drop;
    }

    static void Log(bool isOn, int value)
    {
        if (isOn) Console.WriteLine(value); // HRN2109
    }
}

internal static class StaticPropertyRead
{
    [KernelCode]
    static XdpAction Kernel(XdpContext ctx)
    {
        return ctx.Data.Length > Shared.Property ? XdpAction.Drop : XdpAction.Pass; // HRN1008
    }
}

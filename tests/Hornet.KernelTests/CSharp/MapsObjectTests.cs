using System.Runtime.CompilerServices;
using Hornet.Compiler;
using Hornet.Compiler.Diagnostics;
using Hornet.Kernel;
using Hornet.Maps;
using Hornet.Objects;
using Hornet.Programs;

namespace Hornet.KernelTests.CSharp;

/// <summary>Objects that kernel code makes, in lists and trees of maps.</summary>
public class MapsObjectTests
{
    private struct Job
    {
        public ulong Number;
        public BpfListNode Link;
        public uint Weight;
    }

    private struct Jobs
    {
        public BpfSpinLock Lock;
        public uint Length;
        public BpfList<Job> Waiting;
    }

    private struct Score
    {
        public BpfTreeNode Node;
        public BpfReferenceCount References;
        public BpfListNode Link;
        public long Points;
    }

    private struct Table
    {
        public ulong Added;
        public BpfTree<Score> Best;
        public BpfList<Score> Order;
        public BpfSpinLock Lock;
    }

    private static readonly byte[] s_packet = new byte[64];

    private static uint Run(BpfProgram program, byte first = 0)
    {
        s_packet[0] = first;
        return program.TestRun(s_packet).ReturnValue;
    }

    private static void EnterSecond(ref Jobs queue)
    {
        using (queue.Lock.Enter()) queue.Length++;
    }

    private static string[] Refused(Action load) => [.. Assert.Throws<CompilationException>(load).Diagnostics.Select(diagnostic => $"{diagnostic.Id} {diagnostic.Message}")];

    [KernelFact(MinKernel = "6.7")]
    public void A_list_of_a_map_gives_back_what_was_put_in_first()
    {
        using var queues = BpfHashMap<uint, Jobs>.Create("queues", 4);
        using BpfSession session = new();
        var push = session.LoadTc(ctx =>
        {
            ref var queue = ref queues.GetOrAdd(1u);
            byte first = ctx.Data[0];
            ref var job = ref BpfObjects.New<Job>();
            if (Unsafe.IsNullRef(ref job)) return TcAction.Shot;
            job.Number = first;
            job.Weight = ctx.Length;
            using (queue.Lock.Enter())
            {
                queue.Length++;
                queue.Waiting.PushBack(ref job);
            }
            return TcAction.Ok;
        });
        var pop = session.LoadTc(ctx =>
        {
            ref var queue = ref queues.Find(1u);
            if (Unsafe.IsNullRef(ref queue)) return (TcAction)1000;
            ref var job = ref Unsafe.NullRef<Job>();
            using (queue.Lock.Enter())
            {
                job = ref queue.Waiting.PopFront();
            }
            if (Unsafe.IsNullRef(ref job)) return (TcAction)1001;
            var result = (TcAction)(job.Number + (job.Weight << 8));
            BpfObjects.Drop(ref job);
            return result;
        });
        Assert.Equal(1000u, Run(pop));
        foreach (byte number in (ReadOnlySpan<byte>)[5, 6, 7]) Assert.Equal(0u, Run(push, number));
        foreach (uint number in (ReadOnlySpan<uint>)[5, 6]) Assert.Equal(number + (64 << 8), Run(pop));
        Run(push, 8);
        Assert.Equal(7u + (64 << 8), Run(pop));
        Assert.Equal(8u + (64 << 8), Run(pop));
        Assert.Equal(1001u, Run(pop));
        Run(push, 9);
        // User space sees numbers, and no list; what is in it goes with the element.
        Assert.Equal(5u, queues[1].Length);
        Assert.True(queues.Remove(1));
    }

    [KernelFact(MinKernel = "6.7")]
    public void A_list_of_a_global_variable_is_used_from_both_ends()
    {
        using var jobs = BpfGlobal<Jobs>.Create("jobs");
        using BpfSession session = new();
        var push = session.LoadTc(ctx =>
        {
            byte first = ctx.Data[0];
            ref var front = ref BpfObjects.New<Job>();
            if (Unsafe.IsNullRef(ref front)) return TcAction.Shot;
            front.Number = first;
            using (jobs.Value.Lock.Enter()) jobs.Value.Waiting.PushFront(ref front);
            return TcAction.Ok;
        });
        var pop = session.LoadTc(ctx =>
        {
            ref var last = ref Unsafe.NullRef<Job>();
            using (jobs.Value.Lock.Enter()) last = ref jobs.Value.Waiting.PopBack();
            if (Unsafe.IsNullRef(ref last)) return TcAction.Shot;
            ulong number = last.Number;
            BpfObjects.Drop(ref last);
            return (TcAction)(1000 + number);
        });
        for (byte i = 1; i <= 3; i++) Run(push, i);
        for (uint i = 1; i <= 3; i++) Assert.Equal(1000 + i, Run(pop));
        Assert.Equal((uint)TcAction.Shot, Run(pop));
        Assert.Contains("only kernel code has", Assert.Throws<InvalidOperationException>(() => jobs.Value.Length).Message);
    }

    [KernelFact(MinKernel = "6.7")]
    public void A_tree_gives_the_least_first_and_a_counted_object_is_in_a_list_too()
    {
        using var tables = BpfArray<Table>.Create("tables", 1);
        using BpfSession session = new();
        var add = session.LoadTc(ctx =>
        {
            ref var table = ref tables.Find(0);
            if (Unsafe.IsNullRef(ref table)) return TcAction.Shot;
            byte first = ctx.Data[0];
            ref var score = ref BpfObjects.New<Score>();
            if (Unsafe.IsNullRef(ref score)) return TcAction.Shot;
            score.Points = first;
            ref var second = ref BpfObjects.Acquire(ref score);
            using (table.Lock.Enter())
            {
                table.Added++;
                table.Best.Add(ref score, static (in left, in right) => left.Points < right.Points);
                if (!Unsafe.IsNullRef(ref second)) table.Order.PushBack(ref second);
            }
            return TcAction.Ok;
        });
        var best = session.LoadTc(ctx =>
        {
            ref var table = ref tables.Find(0);
            if (Unsafe.IsNullRef(ref table)) return TcAction.Shot;
            long points = -1;
            ref var removed = ref Unsafe.NullRef<Score>();
            using (table.Lock.Enter())
            {
                ref var first = ref table.Best.First();
                if (!Unsafe.IsNullRef(ref first))
                {
                    points = first.Points;
                    removed = ref table.Best.Remove(ref first);
                }
            }
            if (Unsafe.IsNullRef(ref removed)) return (TcAction)999;
            BpfObjects.Drop(ref removed);
            return (TcAction)(1000 + points);
        });
        var oldest = session.LoadTc(ctx =>
        {
            ref var table = ref tables.Find(0);
            if (Unsafe.IsNullRef(ref table)) return TcAction.Shot;
            ref var score = ref Unsafe.NullRef<Score>();
            using (table.Lock.Enter()) score = ref table.Order.PopFront();
            if (Unsafe.IsNullRef(ref score)) return (TcAction)999;
            long points = score.Points;
            BpfObjects.Drop(ref score);
            return (TcAction)(1000 + points);
        });
        foreach (byte points in (ReadOnlySpan<byte>)[30, 10, 20]) Assert.Equal(0u, Run(add, points));
        Assert.Equal(1010u, Run(best));
        Assert.Equal(1030u, Run(oldest));
        Assert.Equal(1020u, Run(best));
        Assert.Equal(1010u, Run(oldest));
        Assert.Equal(1030u, Run(best));
        Assert.Equal(999u, Run(best));
        Assert.Equal(1020u, Run(oldest));
        Assert.Equal(999u, Run(oldest));
        Assert.Equal(3ul, tables[0].Added);
    }

    [KernelFact(MinKernel = "6.16")]
    public void A_tree_is_searched_from_its_root_and_a_list_looked_at()
    {
        using var tables = BpfArray<Table>.Create("tables", 1);
        using BpfSession session = new();
        var add = session.LoadTc(ctx =>
        {
            ref var table = ref tables.Find(0);
            if (Unsafe.IsNullRef(ref table)) return TcAction.Shot;
            byte first = ctx.Data[0];
            ref var score = ref BpfObjects.New<Score>();
            if (Unsafe.IsNullRef(ref score)) return TcAction.Shot;
            score.Points = first;
            ref var second = ref BpfObjects.Acquire(ref score);
            using (table.Lock.Enter())
            {
                table.Best.Add(ref score, static (in left, in right) => left.Points < right.Points);
                if (!Unsafe.IsNullRef(ref second)) table.Order.PushFront(ref second);
            }
            return TcAction.Ok;
        });
        var look = session.LoadTc(ctx =>
        {
            ref var table = ref tables.Find(0);
            if (Unsafe.IsNullRef(ref table)) return TcAction.Shot;
            long left = 0, right = 0, root = 0, front = 0, back = 0;
            using (table.Lock.Enter())
            {
                ref var top = ref table.Best.Root();
                if (!Unsafe.IsNullRef(ref top))
                {
                    root = top.Points;
                    ref var before = ref table.Best.Left(ref top);
                    if (!Unsafe.IsNullRef(ref before)) left = before.Points;
                    ref var after = ref table.Best.Right(ref top);
                    if (!Unsafe.IsNullRef(ref after)) right = after.Points;
                }
                ref var first = ref table.Order.Front();
                if (!Unsafe.IsNullRef(ref first)) front = first.Points;
                ref var last = ref table.Order.Back();
                if (!Unsafe.IsNullRef(ref last)) back = last.Points;
            }
            return left == 10 && root == 20 && right == 30 && front == 20 && back == 30 ? TcAction.Ok : TcAction.Shot;
        });
        foreach (byte points in (ReadOnlySpan<byte>)[30, 10, 20]) Assert.Equal(0u, Run(add, points));
        Assert.Equal((uint)TcAction.Ok, Run(look));
    }

    [KernelFact(MinKernel = "6.7")]
    public void What_the_verifier_would_refuse_is_said_at_the_line()
    {
        using var queues = BpfHashMap<uint, Jobs>.Create("queues", 4);
        using var tables = BpfArray<Table>.Create("tables", 1);
        using BpfSession session = new();
        Assert.StartsWith("HRN3016 the object that bpf_obj_new_impl gave is not given back when the function ends", Assert.Single(Refused(() => session.LoadTc(ctx =>
        {
            ref var queue = ref queues.GetOrAdd(1u);
            ref var job = ref BpfObjects.New<Job>();
            if (Unsafe.IsNullRef(ref job)) return TcAction.Shot;
            if (ctx.Length > 100) return TcAction.Pipe;
            using (queue.Lock.Enter()) queue.Waiting.PushBack(ref job);
            return TcAction.Ok;
        }))));
        Assert.StartsWith("HRN3016 the object that bpf_list_pop_front gave is not given back when the function ends", Assert.Single(Refused(() => session.LoadTc(ctx =>
        {
            ref var queue = ref queues.GetOrAdd(1u);
            ref var job = ref Unsafe.NullRef<Job>();
            using (queue.Lock.Enter()) job = ref queue.Waiting.PopFront();
            return Unsafe.IsNullRef(ref job) ? TcAction.Ok : TcAction.Shot;
        }))));
        Assert.Equal("HRN3017 the object that bpf_obj_new_impl gave is used after it was given back", Assert.Single(Refused(() => session.LoadTc(ctx =>
        {
            ref var queue = ref queues.GetOrAdd(1u);
            ref var job = ref BpfObjects.New<Job>();
            if (Unsafe.IsNullRef(ref job)) return TcAction.Shot;
            using (queue.Lock.Enter()) queue.Waiting.PushBack(ref job);
            return (TcAction)job.Number;
        }))));
        Assert.Equal("HRN3017 the object that bpf_rbtree_first gave is used after its lock was left", Assert.Single(Refused(() => session.LoadTc(ctx =>
        {
            ref var table = ref tables.Find(0);
            if (Unsafe.IsNullRef(ref table)) return TcAction.Shot;
            ref var first = ref Unsafe.NullRef<Score>();
            using (table.Lock.Enter()) first = ref table.Best.First();
            return Unsafe.IsNullRef(ref first) ? TcAction.Ok : (TcAction)first.Points;
        }))));
        Assert.Equal("HRN3018 bpf_list_push_back_impl is called, and no lock is held", Assert.Single(Refused(() => session.LoadTc(ctx =>
        {
            ref var queue = ref queues.GetOrAdd(1u);
            ref var job = ref BpfObjects.New<Job>();
            if (Unsafe.IsNullRef(ref job)) return TcAction.Shot;
            queue.Waiting.PushBack(ref job);
            return TcAction.Ok;
        }))));
        Assert.Equal("HRN3018 bpf_list_push_back_impl is called, and the lock of another value is held", Assert.Single(Refused(() => session.LoadTc(ctx =>
        {
            ref var queue = ref queues.GetOrAdd(1u);
            ref var other = ref queues.GetOrAdd(2u);
            ref var job = ref BpfObjects.New<Job>();
            if (Unsafe.IsNullRef(ref job)) return TcAction.Shot;
            using (other.Lock.Enter()) queue.Waiting.PushBack(ref job);
            return TcAction.Ok;
        }))));
        Assert.Contains("HRN3019 bpf_obj_new_impl is called while a lock is held", Refused(() => session.LoadTc(ctx =>
        {
            ref var queue = ref queues.GetOrAdd(1u);
            using (queue.Lock.Enter())
            {
                ref var job = ref BpfObjects.New<Job>();
                if (!Unsafe.IsNullRef(ref job)) queue.Waiting.PushBack(ref job);
            }
            return TcAction.Ok;
        })));
        // At the line where the second lock is entered, not inside of Enter.
        var nested = Assert.Single(Assert.Throws<CompilationException>(() => session.LoadTc(ctx =>
        {
            ref var queue = ref queues.GetOrAdd(1u);
            ref var other = ref queues.GetOrAdd(2u);
            using (queue.Lock.Enter())
            {
                EnterSecond(ref other);
            }
            return TcAction.Ok;
        })).Diagnostics, diagnostic => diagnostic.Id == "HRN3019");
        Assert.EndsWith("MapsObjectTests.cs", nested.Location!.File, StringComparison.Ordinal);
        Assert.Contains("Lock.Enter()", nested.Location.SourceText, StringComparison.Ordinal);
        Assert.Contains("EnterSecond", nested.Location.Method, StringComparison.Ordinal);
        Assert.Contains("EnterSecond(ref other)", File.ReadAllLines(nested.Location.InlinedAt!.File)[nested.Location.InlinedAt.Line - 1], StringComparison.Ordinal);
        Assert.Equal("HRN3002 the result of bpf_obj_new_impl is followed without a test for null", Refused(() => session.LoadTc(ctx =>
        {
            ref var job = ref BpfObjects.New<Job>();
            job.Number = 1;
            ref var queue = ref queues.GetOrAdd(1u);
            using (queue.Lock.Enter()) queue.Waiting.PushBack(ref job);
            return TcAction.Ok;
        }))[0]);
        Assert.Contains("HRN2113 a whole Job is read, which has fields of the kernel", Refused(() => session.LoadTc(ctx =>
        {
            ref var queue = ref queues.GetOrAdd(1u);
            ref var job = ref BpfObjects.New<Job>();
            if (Unsafe.IsNullRef(ref job)) return TcAction.Shot;
            var copy = job;
            BpfObjects.Drop(ref job);
            return (TcAction)(copy.Number + queue.Length);
        })));
        Assert.Equal("HRN2203 a Score is made, and Jobs has no list or tree of them", Assert.Single(Refused(() => session.LoadTc(ctx =>
        {
            ref var queue = ref queues.GetOrAdd(1u);
            ref var score = ref BpfObjects.New<Score>();
            if (Unsafe.IsNullRef(ref score)) return TcAction.Shot;
            BpfObjects.Drop(ref score);
            return (TcAction)queue.Length;
        }))));
        Assert.Equal("HRN3020 maps with lists or trees in values of Jobs and Table are used", Assert.Single(Refused(() => session.LoadTc(ctx =>
        {
            ref var queue = ref queues.GetOrAdd(1u);
            ref var table = ref tables.Find(0);
            return Unsafe.IsNullRef(ref table) ? TcAction.Shot : (TcAction)(queue.Length + table.Added);
        }))));
        Assert.Equal("HRN2203 Job has no BpfReferenceCount: nobody counts the references to it", Refused(() => session.LoadTc(ctx =>
        {
            ref var queue = ref queues.GetOrAdd(1u);
            ref var job = ref BpfObjects.New<Job>();
            if (Unsafe.IsNullRef(ref job)) return TcAction.Shot;
            ref var again = ref BpfObjects.Acquire(ref job);
            if (!Unsafe.IsNullRef(ref again)) BpfObjects.Drop(ref again);
            BpfObjects.Drop(ref job);
            return (TcAction)queue.Length;
        }))[0]);
    }

    // The types of the map come first in the object's own, so that they have the numbers that the code says.
    [KernelFact(MinKernel = "6.7")]
    public void Compiled_ahead_of_time_the_object_has_the_types_of_map_and_program()
    {
        BpfObject made;
        using (MapDeclarationScope scope = new())
        {
            var queues = BpfHashMap<uint, Jobs>.Create("queues", 4);
            Func<SkbContext, TcAction> kernel = ctx =>
            {
                ref var queue = ref queues.GetOrAdd(1u);
                ref var job = ref BpfObjects.New<Job>();
                if (Unsafe.IsNullRef(ref job)) return TcAction.Shot;
                job.Number = 7;
                ref var first = ref Unsafe.NullRef<Job>();
                using (queue.Lock.Enter())
                {
                    queue.Waiting.PushBack(ref job);
                    first = ref queue.Waiting.PopFront();
                }
                if (Unsafe.IsNullRef(ref first)) return TcAction.Shot;
                var result = (TcAction)(1000 + first.Number);
                BpfObjects.Drop(ref first);
                return result;
            };
            var options = IL.RunningKernel.Options with { Relocatable = true };
            made = BpfCompiler.Compile(IL.KernelCode.Network("jobs", "tc:jobs", ProgramType.SchedCls, kernel).Translate(options), options).Object;
        }
        using (var loaded = made.Load()) Assert.Equal(1007u, Run(loaded.Program("jobs")));
        made.Programs["jobs"].SectionName = "tc";
        // And written as a file, where the functions of the kernel are symbols.
        using (var loaded = BpfObject.Parse(made.ToElf(), "jobs").Load()) Assert.Equal(1007u, Run(loaded.Program("jobs")));
    }

    [KernelFact]
    public void Older_kernels_say_that_they_have_no_lists()
    {
        if (KernelVersion.Running >= new KernelVersion(6, 6))
        {
            using var queues = BpfHashMap<uint, Jobs>.Create("queues", 4);
            return;
        }
        var error = Assert.Throws<BpfNotSupportedException>(() => BpfHashMap<uint, Jobs>.Create("queues", 4));
        Assert.StartsWith("Lists and trees in map values need Linux 6.6; this is ", error.Message);
    }
}

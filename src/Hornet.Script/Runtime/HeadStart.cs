using Hornet.Btf;
using Hornet.Compiler;
using Hornet.Compiler.IR;
using Hornet.Isa;
using Hornet.Maps;
using Hornet.Script.Lowering;

namespace Hornet.Script.Runtime;

/// <summary>
/// Compiles a small program on a second thread while the first one still reads the command line and the script. Most of a short run
/// is the runtime loading types and binding methods where they are first used; this way the compiler's share of it is done on another
/// processor by the time it is needed. What comes out is dropped, and nothing of it is loaded into the kernel.
/// </summary>
internal static class HeadStart
{
    /// <summary>Begins, where there is a second processor, and the first option does not ask for something else than a run.</summary>
    public static void Begin(ReadOnlySpan<string> options)
    {
        if (options is [] or ["-l" or "-h" or "-V" or "--list" or "--help" or "--version" or "--info" or "--fmt", ..]) return;
        if (Environment.ProcessorCount > 1) new Thread(Work) { IsBackground = true, Name = "head start" }.Start();
    }

    private static void Work()
    {
        try
        {
            BpfCompiler.Compile([Sample()], "sample", new LoweringOptions().Compiler("GPL"));
            // This is asked and kept for the script itself.
            _ = BpfBtf.KernelFeatures;
        }
        catch (Exception)
        {
            // Whatever it is, the script meets it too, and there it is reported.
        }
    }

    // What nearly every script has: a count in a map, a record in the ring buffer, words shared with user space.
    private static IrModule Sample()
    {
        IrModule module = new("sample", ProgramType.RawTracepoint);
        var words = module.AddMap(new MapSpec { Name = ".data.words", Type = MapType.Array, KeySize = 4, ValueSize = 8, MaxEntries = 1, Flags = MapFlags.Mmapable });
        var counts = module.AddMap(new MapSpec { Name = "counts", Type = MapType.PerCpuHash, KeySize = 16, ValueSize = 8, MaxEntries = 1 });
        var events = module.AddMap(new MapSpec { Name = "events", Type = MapType.RingBuf, MaxEntries = 4096 });
        var function = module.AddFunction("sample", IrType.I64);
        function.Location = new SourceLocation { File = "sample", Line = 1, Column = 1, EndLine = 1, EndColumn = 2 };
        function.AddParameter(IrType.Pointer(Region.Context), "ctx");
        BasicBlock entry = function.AddBlock("entry"), count = function.AddBlock("count"), add = function.AddBlock("add"), insert = function.AddBlock("insert"),
            send = function.AddBlock("send"), fill = function.AddBlock("fill"), end = function.AddBlock("end");
        Constant zero = Constant.Int64(0), one = Constant.Int64(1);
        IrBuilder b = new(entry) { Location = function.Location };
        Value key = b.Alloca(16), value = b.Alloca(8);
        b.Branch(b.Compare(Predicate.NotEqual, b.Load(b.GlobalReference(words), 0, MemoryWidth.U64, IrType.I64, isVolatile: true), zero), end, count);
        b.Block = count;
        b.Store(key, 0, MemoryWidth.U64, b.Helper(BpfHelper.GetCurrentPidTgid, IrType.I64));
        b.Store(key, 8, MemoryWidth.U64, zero);
        var found = b.Helper(BpfHelper.MapLookupElem, IrType.Pointer(Region.MapValue(8)), b.MapReference(counts), key);
        b.Branch(b.Compare(Predicate.NotEqual, found, Constant.Null(Region.MapValue(8))), add, insert);
        b.Block = add;
        b.Store(found, 0, MemoryWidth.U64, b.Add(b.Load(found, 0, MemoryWidth.U64, IrType.I64), one));
        b.Jump(send);
        b.Block = insert;
        b.Store(value, 0, MemoryWidth.U64, one);
        b.Helper(BpfHelper.MapUpdateElem, IrType.I64, b.MapReference(counts), key, value, zero);
        b.Jump(send);
        b.Block = send;
        var record = b.Helper(BpfHelper.RingbufReserve, IrType.Pointer(Region.RingRecord(16)), b.MapReference(events), Constant.Int64(16), zero);
        b.Branch(b.Compare(Predicate.NotEqual, record, Constant.Null(Region.RingRecord(16))), fill, end);
        b.Block = fill;
        b.Store(record, 0, MemoryWidth.U64, one);
        b.Store(record, 8, MemoryWidth.U64, b.Helper(BpfHelper.KtimeGetNs, IrType.I64));
        b.Helper(BpfHelper.RingbufSubmit, IrType.Void, record, zero);
        b.Jump(end);
        b.Block = end;
        b.Return(zero);
        return module;
    }
}

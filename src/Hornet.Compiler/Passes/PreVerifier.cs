using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;
using Hornet.Isa;
using Instruction = Hornet.Compiler.IR.Instruction;

namespace Hornet.Compiler.Passes;

/// <summary>
/// Refuses what the kernel's verifier would refuse, where that can be told from the program's structure, with a message at
/// the place in the source. It changes nothing. What it lets through the kernel may still refuse.
/// </summary>
internal sealed class PreVerifier(CompilerOptions options, List<Diagnostic> diagnostics) : Pass
{
    private readonly HashSet<(string, SourceLocation?)> _told = [];

    // The verifier's MAX_CALL_FRAMES.
    private const int DeepestCall = 8;

    public override bool Run(IrModule module)
    {
        base.Run(module);
        CheckDepth(module.EntryFunction, []);
        return false;
    }

    public override bool Run(IrFunction function)
    {
        Nullness nullness = new(function);
        PacketChecks packets = new(function);
        foreach (var block in nullness.Dominators.Order)
        {
            foreach (var instruction in block.Code)
            {
                CheckCall(instruction);
                CheckMap(block, instruction, nullness);
                CheckObjects(block, instruction, nullness);
                if (instruction is MemoryCopy copy) CheckAccess(block, instruction, new(copy.Source, 0, copy.Size, IsWrite: false), nullness, packets);
                if (MemoryAccess.Of(instruction) is { } access) CheckAccess(block, instruction, access, nullness, packets);
            }
        }
        // What these look for is rare: one walk finds it for all of them.
        List<Instruction> calls = [];
        List<Alloca> uninitialized = [];
        foreach (var block in function.BlockSpan)
        {
            foreach (var instruction in block.Code)
            {
                if (instruction is HelperCall or KernelFunctionCall) calls.Add(instruction);
                else if (instruction is Alloca { Uninitialized: true } alloca) uninitialized.Add(alloca);
            }
        }
        ReferenceRelease.Check(function, calls, Error);
        LockChecks.Check(function, calls, Error);
        StackInitialization.Check(uninitialized, nullness.Dominators, Error);
        CheckLoops(nullness.Dominators);
        return false;
    }

    private void Error(DiagnosticRule rule, SourceLocation? location, string message)
    {
        // Inlined twice or copied by a pass, it is one mistake.
        if (_told.Add((rule.Id + message, location))) diagnostics.Add(Diagnostic.Error(rule, location, message));
    }

    private void CheckAccess(BasicBlock block, Instruction instruction, MemoryAccess access, Nullness nullness, PacketChecks packets)
    {
        var region = access.Pointer.Type.Region;
        string verb = access.IsWrite ? "written" : "read";
        switch (region.Kind)
        {
            case RegionKind.Unknown:
                Error(DiagnosticRules.MixedRegions, instruction.Location, $"memory is {verb} through a pointer that points to different kinds of memory, depending on the way here");
                return;
            case RegionKind.User or RegionKind.KernelUntrusted:
                Error(DiagnosticRules.NotDirectlyReadable, instruction.Location, $"{(region.Kind == RegionKind.User ? "memory of the process" : "kernel memory")} is {verb} directly");
                return;
            case RegionKind.Kernel when access.IsWrite:
                Error(DiagnosticRules.NotDirectlyReadable, instruction.Location, $"a field of {region.TypeName} is written");
                return;
            case RegionKind.MapHandle or RegionKind.PacketEnd or RegionKind.Function:
                Error(DiagnosticRules.NotDirectlyReadable, instruction.Location, $"a pointer to {region} is followed");
                return;
        }
        var (root, offset) = PointerRoot.Of(access.Pointer);
        if (nullness.MayBeNull(root, block))
        {
            Error(DiagnosticRules.MissingNullCheck, instruction.Location, $"{Describe(root)} is followed without a test for null");
            return;
        }
        if (offset is { } at && root.Type.IsPointer && SizeOf(root) is > 0 and var size && (at + access.Offset < 0 || at + access.Offset + access.Size > size))
        {
            Error(DiagnosticRules.OutOfBounds, instruction.Location, $"{access.Size} bytes at offset {at + access.Offset} are {verb} where there are {size}");
            return;
        }
        if (region.Kind == RegionKind.Packet && !packets.IsChecked(root, block))
            Error(DiagnosticRules.UncheckedPacket, instruction.Location, $"{access.Size} bytes of the packet are {verb} without a comparison with its end");
    }

    // A map that was looked up in a map of maps.
    private void CheckMap(BasicBlock block, Instruction instruction, Nullness nullness)
    {
        if (instruction is not HelperCall call) return;
        foreach (var operand in call.OperandSpan)
        {
            if (operand is HelperCall { Type: { IsPointer: true, Region.Kind: RegionKind.MapHandle } } map && nullness.MayBeNull(map, block))
                Error(DiagnosticRules.MissingNullCheck, instruction.Location, "a map that was looked up in a map of maps is used without a test of whether it was found");
        }
    }

    // Kernel functions want objects, not null; those that take null say so by their parameters' names, which iterators have.
    private void CheckObjects(BasicBlock block, Instruction instruction, Nullness nullness)
    {
        if (instruction is KernelLoad or KernelFieldAddress && instruction.Operands[0] is { Type.Region.Kind: RegionKind.Kernel } pointer && PointerRoot.Of(pointer).Root is var start && nullness.MayBeNull(start, block))
            Error(DiagnosticRules.MissingNullCheck, instruction.Location, $"{Describe(start)} is followed without a test for null");
        if (instruction is not KernelFunctionCall call || call.Function.StartsWith("bpf_iter_", StringComparison.Ordinal)) return;
        foreach (var operand in call.Operands)
        {
            if (operand.Type is { IsPointer: true, Region.Kind: RegionKind.Kernel or RegionKind.Object } && operand is not Constant && PointerRoot.Of(operand).Root is var root && nullness.MayBeNull(root, block))
                Error(DiagnosticRules.MissingNullCheck, instruction.Location, $"{Describe(root)} is handed to {call.Function} without a test for null");
        }
    }

    private static int SizeOf(Value root) => root switch
    {
        Alloca a => a.Size,
        GlobalReference g => (int)g.Map.Spec.ValueSize - g.Offset,
        { Type.Region: { Kind: RegionKind.MapValue or RegionKind.RingRecord or RegionKind.Packet or RegionKind.Memory, Size: var size } } => size,
        _ => 0,
    };

    private static string Describe(Value root) => root switch
    {
        HelperCall { Helper: BpfHelper.MapLookupElem or BpfHelper.MapLookupPercpuElem } h => $"the result of a lookup in {(h.Operands[0] as MapReference)?.Map.Name ?? "a map"}",
        HelperCall { Helper: BpfHelper.RingbufReserve } => "a reserved record",
        HelperCall { Helper: BpfHelper.KptrXchg } => "what was in the map",
        Load { Pointer.Type.Region.Kind: RegionKind.MapValue } => "what a map refers to",
        PacketPointer => "the result of a packet access",
        KernelFunctionCall f => $"the result of {f.Function}",
        HelperCall h => $"the result of {HelperTable.NameOf(h.Helper)}",
        _ => "a pointer that may be null",
    };

    private void CheckCall(Instruction instruction)
    {
        switch (instruction)
        {
            case Call { Operands.Count: > 5 } c:
                Error(DiagnosticRules.TooManyArguments, c.Location, $"{c.Function.Name} takes {c.Operands.Count} arguments");
                break;
            case HelperCall h:
                if (h.Helper is not (BpfHelper.SpinLock or BpfHelper.SpinUnlock or BpfHelper.KptrXchg) && TakesObject(h))
                    Error(DiagnosticRules.NotDirectlyReadable, h.Location, $"memory of an object that a program made is handed to {HelperTable.NameOf(h.Helper)}: copy it into a local first");
                if (HelperTable.IsGplOnly(h.Helper) && !IsGplCompatible(options.License))
                    Error(DiagnosticRules.GplOnly, h.Location, $"{HelperTable.NameOf(h.Helper)} is called by a program under the license '{options.License}'");
                var type = h.Block!.Function.Module.ProgramType;
                if (HelperAvailability.IsMissing(h.Helper, type, options.Kernel))
                    Error(DiagnosticRules.HelperNotAvailable, h.Location, $"{HelperTable.NameOf(h.Helper)} cannot be called by programs of type {type}{(HelperAvailability.TypesWith(h.Helper) is { Length: > 0 } types ? $"; by {types} it can" : "")}");
                if (options.Kernel is { } kernel && HelperTable.FirstKernel(h.Helper) is { } first && kernel < first)
                    Error(DiagnosticRules.HelperNotAvailable, h.Location, $"{HelperTable.NameOf(h.Helper)} exists since kernel {first}; this one is {kernel.Major}.{kernel.Minor}");
                break;
            case AtomicReadModifyWrite a when !options.FetchingAtomics && (a.Operator != AtomicOperator.Add || a.Fetches && !a.IsUnused):
            case CompareExchange when !options.FetchingAtomics:
                Error(DiagnosticRules.InstructionNotAvailable, instruction.Location, "this atomic operation exists since kernel 5.12; before, there is only adding without looking at the result");
                break;
        }
    }

    private static bool TakesObject(HelperCall call)
    {
        foreach (var operand in call.OperandSpan)
        {
            if (operand.Type is { IsPointer: true, Region.Kind: RegionKind.Object }) return true;
        }
        return false;
    }

    private void CheckDepth(IrFunction function, List<IrFunction> callers)
    {
        if (callers.Contains(function)) return; // Recursion is told elsewhere.
        callers.Add(function);
        foreach (var call in function.Instructions.OfType<Call>())
        {
            if (callers.Count == DeepestCall)
                Error(DiagnosticRules.CallsTooDeep, call.Location, $"{call.Function.Name} is called through {string.Join(", ", callers.Select(c => c.Name))}: {DeepestCall + 1} functions");
            else
                CheckDepth(call.Function, callers);
        }
        callers.RemoveAt(callers.Count - 1);
    }

    // The kernel's license_is_gpl_compatible.
    private static bool IsGplCompatible(string license) => license is "GPL" or "GPL v2" or "GPL and additional rights" or "Dual BSD/GPL" or "Dual MIT/GPL" or "Dual MPL/GPL";

    /// <summary>A loop that nothing leads out of.</summary>
    private void CheckLoops(DominatorTree dominators)
    {
        HashSet<BasicBlock> ends = [];
        Stack<BasicBlock> work = new(dominators.Order.Where(b => b.Successors.Count == 0));
        while (work.TryPop(out var block))
        {
            if (!ends.Add(block)) continue;
            foreach (var predecessor in block.Predecessors) work.Push(predecessor);
        }
        // The loop itself, not the way into it.
        var endless = dominators.Order.FirstOrDefault(b => !ends.Contains(b) && b.Predecessors.Any(p => dominators.IsReachable(p) && dominators.Dominates(b, p)))
            ?? dominators.Order.FirstOrDefault(b => !ends.Contains(b));
        if (endless is null) return;
        var location = endless.Instructions.Select(i => i.Location).FirstOrDefault(l => l is not null) ?? endless.Function.Location;
        Error(DiagnosticRules.EndlessLoop, location, "nothing leads out of this loop");
    }
}

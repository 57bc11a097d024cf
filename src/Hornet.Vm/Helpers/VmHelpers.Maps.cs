using Hornet.Interop;
using Hornet.Isa;
using Hornet.Maps;

namespace Hornet.Vm;

internal static partial class VmHelpers
{
    private static void AddMaps(Action<BpfHelper, VmHelper> add)
    {
        add(BpfHelper.MapLookupElem, static (s, map, key, _, _, _) =>
        {
            var target = s.FindMap(map, Register.R1);
            if (target.LookupCost is var cost && cost != 0) s.Charge(cost);
            return target.LookupAddress(s.Read(key, target.KeySize, Register.R2), s.Cpu);
        });
        add(BpfHelper.MapLookupPercpuElem, static (s, map, key, cpu, _, _) =>
        {
            var target = s.FindMap(map, Register.R1);
            return (uint)cpu < (uint)s.Machine.Options.CpuCount ? target.LookupAddress(s.Read(key, target.KeySize, Register.R2), (int)cpu) : 0;
        });
        add(BpfHelper.MapUpdateElem, static (s, map, key, value, flags, _) =>
        {
            var target = s.FindMap(map, Register.R1);
            if (target.Type is MapType.ProgramArray or MapType.ArrayOfMaps or MapType.HashOfMaps or MapType.RingBuf or MapType.PerfEventArray)
                throw s.Fault(VmFaultKind.BadArgument, $"programs cannot update a map of the kind {target.Type}", Register.R1);
            return Error(target.UpdateCore(s.Read(key, target.KeySize, Register.R2), s.Read(value, target.ValueSize, Register.R3), (MapUpdateFlags)flags, s.Cpu));
        });
        add(BpfHelper.MapDeleteElem, static (s, map, key, _, _, _) =>
        {
            var target = s.FindMap(map, Register.R1);
            if (target.Type is MapType.ProgramArray or MapType.ArrayOfMaps or MapType.HashOfMaps)
                throw s.Fault(VmFaultKind.BadArgument, $"programs cannot delete from a map of the kind {target.Type}", Register.R1);
            return Error(target.DeleteCore(s.Read(key, target.KeySize, Register.R2)));
        });
        add(BpfHelper.MapPushElem, static (s, map, value, flags, _, _) =>
        {
            var target = Sequence(s, map);
            return Error(target.Push(s.Read(value, target.ValueSize, Register.R2), (MapUpdateFlags)flags));
        });
        add(BpfHelper.MapPopElem, static (s, map, value, _, _, _) =>
        {
            var target = Sequence(s, map);
            return Error(target.Pop(s.Write(value, target.ValueSize, Register.R2), remove: true));
        });
        add(BpfHelper.MapPeekElem, static (s, map, value, _, _, _) =>
        {
            var target = Sequence(s, map);
            return Error(target.Pop(s.Write(value, target.ValueSize, Register.R2), remove: false));
        });
        add(BpfHelper.ForEachMapElem, ForEachMapElem);
    }

    private static VmMap Sequence(VmExecution s, ulong map)
    {
        var target = s.FindMap(map, Register.R1);
        return target.Type is MapType.Queue or MapType.Stack ? target : throw s.Fault(VmFaultKind.BadArgument, $"map '{target.Name}' is {target.Type}, neither a queue nor a stack", Register.R1);
    }

    // callback(map, key, value, context) for each element; a non-zero result ends the walk.
    private static unsafe ulong ForEachMapElem(VmExecution s, ulong map, ulong function, ulong context, ulong flags, ulong unused)
    {
        var target = s.FindMap(map, Register.R1);
        if (flags != 0) return Error(Errno.EINVAL);
        // Looking for elements is work too, also where there are none.
        s.Charge(target.Spec.MaxEntries >> 3);
        byte[] key = GC.AllocateArray<byte>(Math.Max(1, target.KeySize), pinned: true);
        fixed (byte* host = key)
        {
            ulong address = s.AddRecord($"a key of map '{target.Name}'", host, (uint)key.Length, key, writable: false);
            long calls = target.ForEach(key, s.Cpu, value => s.Call(function, map, address, value, context) != 0);
            s.RemoveRecord(address);
            return calls < 0 ? throw s.Fault(VmFaultKind.BadArgument, $"the elements of map '{target.Name}', which is {target.Type}, cannot be walked", Register.R1) : (ulong)calls;
        }
    }
}

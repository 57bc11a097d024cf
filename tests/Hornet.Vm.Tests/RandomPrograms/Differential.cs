using System.Text;
using Hornet.Isa;
using Hornet.Maps;

namespace Hornet.Vm.Tests.RandomPrograms;

/// <summary>Runs one program in both engines, each in a machine of its own, and compares all that can be seen of it.</summary>
internal static class Differential
{
    private const long Budget = 20_000;

    /// <summary>Compares a random program of any kind. Returns what it came to, for statistics; throws when the engines differ.</summary>
    public static string Wild(int seed)
    {
        var code = new WildProgramGenerator(seed).Next();
        string interpreted = Observe(code, VmEngine.Interpreter, out string kind), compiled = Observe(code, VmEngine.Jit, out _);
        if (interpreted != compiled)
            throw new InvalidOperationException($"the engines differ on wild program {seed}:\n{Disassemble(code)}\ninterpreter:\n{interpreted}\njit:\n{compiled}");
        return kind;
    }

    /// <summary>Compares a random program that the verifier would accept. Returns its result.</summary>
    public static ulong Safe(int seed, IsaLevel level)
    {
        SafeProgramGenerator generator = new(seed, level);
        var spec = generator.Next();
        byte[] numbers = generator.Numbers();
        ulong[] results = new ulong[2];
        foreach (var engine in (VmEngine[])[VmEngine.Interpreter, VmEngine.Jit])
        {
            BpfMachine machine = new(new VmOptions { Engine = engine });
            machine.AddMap(SafeProgramGenerator.InputMap).Update(new byte[4], numbers);
            var output = machine.AddMap(SafeProgramGenerator.OutputMap);
            var result = machine.Load(spec).Run();
            if (result.Fault is { } fault) throw new InvalidOperationException($"safe program {seed} ends in a fault: {fault}");
            results[engine == VmEngine.Jit ? 1 : 0] = output.Get<int, ulong>(0);
        }
        return results[0] == results[1]
            ? results[0]
            : throw new InvalidOperationException($"the engines differ on safe program {seed}: interpreter 0x{results[0]:x}, jit 0x{results[1]:x}\n{Disassemble(spec.Instructions)}");
    }

    /// <summary>Random bytes as a program: refused, or run in both engines without anything worse than a fault.</summary>
    public static bool Bytes(byte[] bytes)
    {
        try
        {
            foreach (var engine in (VmEngine[])[VmEngine.Interpreter, VmEngine.Jit])
                new BpfMachine(new VmOptions { Engine = engine, InstructionBudget = Budget }).Load((ReadOnlySpan<byte>)bytes).Run(new byte[64].AsSpan());
            return true;
        }
        catch (BpfFormatException)
        {
            return false;
        }
    }

    private static string Observe(List<Instruction> code, VmEngine engine, out string kind)
    {
        BpfMachine machine = new(new VmOptions { Engine = engine, InstructionBudget = Budget, RandomSeed = 1, Clock = () => 1 });
        var hash = machine.AddMap(new MapSpec { Name = "hash", Type = MapType.Hash, KeySize = 8, ValueSize = 16, MaxEntries = 4 });
        var array = machine.AddMap(new MapSpec { Name = "array", Type = MapType.Array, KeySize = 4, ValueSize = 24, MaxEntries = 1 });
        var ring = (VmEventMap)machine.AddMap(new MapSpec { Name = "ring", Type = MapType.RingBuf, MaxEntries = 4096 });
        var programs = machine.AddMap(new MapSpec { Name = "programs", Type = MapType.ProgramArray, KeySize = 4, ValueSize = 4, MaxEntries = 1 });
        var lru = machine.AddMap(new MapSpec { Name = "lru", Type = MapType.LruHash, KeySize = 4, ValueSize = 4, MaxEntries = 2 });
        hash.Set(0L, (1L, 2L));
        var program = machine.Load(code);
        programs.Set(0, program.Id);
        var context = VmContext.Xdp([.. Enumerable.Range(0, 64).Select(i => (byte)i)]);
        var result = program.Run(context);
        kind = result.Fault?.Kind.ToString() ?? "end";
        StringBuilder seen = new();
        seen.Append($"r0 {result.ReturnValue:x} charged {result.Charged} {result.Fault} {result.Fault?.Kind} {result.Fault?.Address:x} {result.Fault?.Register}\n");
        seen.Append($"{program.Statistics}\npacket {Convert.ToHexString(context.Packet)}\n");
        foreach (var map in (VmMap[])[hash, array, lru])
        {
            foreach (var (key, value) in map.Entries()) seen.Append($"{map.Name} {Convert.ToHexString(key)} {Convert.ToHexString(value)}\n");
        }
        foreach (var record in ring.Drain()) seen.Append($"record {Convert.ToHexString(record.Data)}\n");
        return seen.ToString();
    }

    private static string Disassemble(IEnumerable<Instruction> code)
    {
        int slot = 0;
        return string.Join('\n', code.Select(i => $"{(slot += i.Slots) - i.Slots}: {i}"));
    }
}

using Hornet.Isa;
using Hornet.Maps;
using Hornet.Programs;

namespace Hornet.KernelTests.Links;

/// <summary>A program that counts its runs in a map and returns a fixed value; what most attachment tests need.</summary>
internal sealed class CountingProgram : IDisposable
{
    private readonly BpfMap _map;

    /// <param name="type">The program type.</param>
    /// <param name="verdict">What the program returns; null for what <paramref name="then"/> leaves in R0.</param>
    /// <param name="attachType">The attach type to load it for.</param>
    /// <param name="name">The program's name.</param>
    /// <param name="flags">Load flags.</param>
    /// <param name="then">Instructions to run after counting and before returning; the context is in R6.</param>
    /// <param name="maps">Maps those instructions refer to by name.</param>
    public CountingProgram(ProgramType type, int? verdict, AttachType attachType = 0, string name = "count", ProgramFlags flags = 0, Action<Assembler>? then = null, params BpfMap[] maps)
    {
        _map = BpfMap.Create(new MapSpec { Name = "runs", Type = MapType.Array, KeySize = 4, ValueSize = 8, MaxEntries = 1 });
        try
        {
            var code = new Assembler().Mov(Register.R6, Register.R1).LoadMapValue(Register.R1, "runs").Mov(Register.R2, 1).AtomicAdd(Register.R1, 0, Register.R2);
            then?.Invoke(code);
            if (verdict is { } value) code.Mov(Register.R0, value);
            Program = BpfProgram.Load(new ProgramSpec
            {
                Name = name,
                Type = type,
                AttachType = attachType,
                Flags = flags,
                Instructions = code.Exit().Build(),
            }, new ProgramLoadOptions { Maps = maps.Append(_map).ToDictionary(m => m.Name) });
        }
        catch
        {
            _map.Dispose();
            throw;
        }
    }

    public BpfProgram Program { get; }

    /// <summary>How often the program ran.</summary>
    public long Count => BitConverter.ToInt64(_map.Lookup(new byte[4])!);

    public void Dispose()
    {
        Program.Dispose();
        _map.Dispose();
    }
}

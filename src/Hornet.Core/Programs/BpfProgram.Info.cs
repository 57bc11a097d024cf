using System.Globalization;
using Hornet.Btf;
using Hornet.Interop;

namespace Hornet.Programs;

public sealed partial class BpfProgram
{
    /// <summary>Asks the kernel about the program (4.13).</summary>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public unsafe ProgramInfo GetInfo()
    {
        ProgramInfoRaw raw = default;
        ReadInfo(ref raw);
        uint[] maps = [];
        if (raw.NrMapIds > 0)
        {
            maps = new uint[raw.NrMapIds];
            fixed (uint* ids = maps)
            {
                // A second call: the first says how many. The set of maps of a program only grows (BPF_PROG_BIND_MAP).
                ProgramInfoRaw again = new() { NrMapIds = (uint)maps.Length, MapIds = Bpf.Pointer(ids) };
                ReadInfo(ref again);
                raw = again;
            }
        }
        return new ProgramInfo
        {
            Id = raw.Id,
            Type = (ProgramType)raw.Type,
            Name = Bpf.ReadName(raw.Name),
            Tag = Convert.ToHexStringLower(new ReadOnlySpan<byte>(raw.Tag, 8)),
            LoadTimeNanoseconds = raw.LoadTime,
            LoadTime = BootClock.ToTime(raw.LoadTime),
            CreatedByUid = raw.CreatedByUid,
            MapIds = maps,
            IsGplCompatible = (raw.GplCompatible & 1) != 0,
            TranslatedSize = raw.XlatedProgLen,
            JitedSize = raw.JitedProgLen,
            FunctionCount = Math.Max(raw.NrJitedFuncLens, Math.Max(raw.NrFuncInfo, 1)),
            BtfId = raw.BtfId,
            AttachBtfObjectId = raw.AttachBtfObjId,
            AttachBtfId = raw.AttachBtfId,
            InterfaceIndex = raw.Ifindex,
            RunTimeNanoseconds = raw.RunTimeNs,
            RunCount = raw.RunCnt,
            RecursionMisses = raw.RecursionMisses,
            VerifiedInstructions = raw.VerifiedInsns,
            MemoryBytes = ReadMemory(),
        };
    }

    /// <summary>
    /// The program's whole name. The kernel keeps 15 bytes of it; the rest is found in the program's BTF (5.0), which
    /// needs CAP_SYS_ADMIN to be opened, and else stays unknown.
    /// </summary>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public unsafe string GetFullName()
    {
        ProgramInfoRaw raw = default;
        ReadInfo(ref raw);
        string name = Bpf.ReadName(raw.Name);
        if (raw.BtfId == 0 || raw.NrFuncInfo == 0 || name.Length < Bpf.ObjectNameLength - 1) return name;
        uint* function = stackalloc uint[2];
        ProgramInfoRaw first = new() { FuncInfo = Bpf.Pointer(function), NrFuncInfo = 1, FuncInfoRecSize = 8 };
        ReadInfo(ref first);
        try
        {
            using var btf = BpfBtf.Open(raw.BtfId);
            string full = btf.ReadSpec()[function[1]].Name;
            return full.StartsWith(name, StringComparison.Ordinal) ? full : name;
        }
        catch (BpfException)
        {
            return name;
        }
    }

    /// <summary>
    /// Reads the program back: translated instructions with names and source lines, and the machine code (4.13; names
    /// and lines 5.0). Needs CAP_PERFMON, and CAP_SYS_ADMIN for the names.
    /// </summary>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public ProgramDump Dump() => new ProgramDumper(this).Dump();

    internal void ReadInfo(ref ProgramInfoRaw info)
    {
        if (!Bpf.TryGetInfo(Descriptor, ref info))
            throw new BpfSyscallException($"ask for information on program '{Name}'", Libc.LastError);
    }

    private ulong ReadMemory()
    {
        try
        {
            foreach (string line in File.ReadLines($"/proc/self/fdinfo/{Descriptor.Value}"))
            {
                if (line.StartsWith("memlock:", StringComparison.Ordinal))
                    return ulong.TryParse(line.AsSpan(8).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out ulong bytes) ? bytes : 0;
            }
        }
        catch (IOException)
        {
            // No /proc: the number is a courtesy.
        }
        return 0;
    }
}

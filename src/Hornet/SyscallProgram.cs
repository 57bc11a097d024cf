using System.Runtime.InteropServices;
using Hornet.Programs;

namespace Hornet;

/// <summary>Kernel code that is run when asked to.</summary>
/// <typeparam name="T">What it is given, and gives back.</typeparam>
/// <param name="context">The struct.</param>
/// <returns>What <see cref="SyscallProgram{T}.Run"/> returns.</returns>
public delegate int SyscallKernel<T>(ref T context) where T : unmanaged;

/// <summary>A loaded program that is run when asked to (<c>BPF_PROG_TYPE_SYSCALL</c>, 5.14). The session owns it.</summary>
/// <typeparam name="T">What it is given, and gives back.</typeparam>
public sealed class SyscallProgram<T> where T : unmanaged
{
    internal SyscallProgram(BpfProgram program) => Program = program;

    /// <summary>The program.</summary>
    public BpfProgram Program { get; }

    /// <summary>Runs the program on this thread, until it has ended.</summary>
    /// <param name="context">What the program is given; what it wrote is in it afterwards.</param>
    /// <returns>What the program returned.</returns>
    /// <exception cref="BpfSyscallException">The kernel refused to run it.</exception>
    public int Run(ref T context)
    {
        var result = Program.TestRun(new TestRunOptions { Context = MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref context, 1)).ToArray() });
        result.Context.AsSpan(0, Math.Min(result.Context.Length, System.Runtime.CompilerServices.Unsafe.SizeOf<T>())).CopyTo(MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref context, 1)));
        return (int)result.ReturnValue;
    }
}

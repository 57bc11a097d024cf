using Hornet.IL;
using Hornet.Links;
using Hornet.Programs;

namespace Hornet;

// Tables of functions that the kernel calls: congestion control, and what else takes them.
public sealed partial class BpfSession
{
    /// <summary>Puts a class in use as a part of the kernel (struct_ops, 5.6; by link 6.4): its methods are called by the kernel.</summary>
    /// <param name="implementation">An object of a class marked with <see cref="KernelTypes.StructOpsAttribute"/>. Its fields are constants of the code.</param>
    /// <returns>The link: the table is in use until it is disposed.</returns>
    /// <exception cref="ArgumentException">The class does not say which table it implements.</exception>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused a program.</exception>
    /// <exception cref="BpfException">A method is no member of the table, or the kernel does not take it; the message says why.</exception>
    public StructOpsLink AttachStructOps(object implementation)
    {
        ArgumentNullException.ThrowIfNull(implementation);
        var table = StructOpsTable.Of(implementation);
        var loaded = Own(table.Compile(Options ?? RunningKernel.Options, Prints).Load());
        return Own((StructOpsLink)loaded.AttachAll().Links[table.Name]);
    }
}

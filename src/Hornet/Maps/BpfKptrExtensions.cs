using Hornet.Maps;

namespace Hornet;

/// <summary>References to kernel objects in map values, in kernel code (5.19).</summary>
public static class BpfKptrExtensions
{
    extension<T>(ref BpfKptr<T> reference) where T : class
    {
        /// <summary>
        /// Puts another reference in and takes out what was there (<c>bpf_kptr_xchg</c>), in one step. What is put in is the map's from
        /// then on; what comes out has to be released on every way to the program's end (HRN3016).
        /// </summary>
        /// <param name="value">A reference that was acquired; null for none.</param>
        /// <returns>What was there; null when there was nothing.</returns>
        [KernelOnly]
        public T? Exchange(T? value) => throw KernelOnly.Error();

        /// <summary>
        /// Looks at the object without taking it out; null when there is none. It may be used until the program ends (in programs
        /// that may sleep: until the end of an RCU section), and acquired.
        /// </summary>
        [KernelOnly]
        public T? Value => throw KernelOnly.Error();
    }
}

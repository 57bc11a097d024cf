namespace Hornet;

public static partial class Bpf
{
    /// <summary>The most often that <see cref="Loop(int, Action{int})"/> runs its body (the kernel's <c>BPF_MAX_LOOPS</c>).</summary>
    public const int MaxLoops = 8 << 20;

    /// <summary>
    /// Runs a body so many times, with the numbers from 0 on. In kernel code this is <c>bpf_loop</c> (5.17): the verifier
    /// looks at the body once, whatever the count. Locals that the body captures are shared with it. On older kernels it
    /// becomes an ordinary loop, for which the count must be constant or have a known bound. It runs in user space too.
    /// </summary>
    /// <param name="count">How often; a negative count is none. More than <see cref="MaxLoops"/> ends the program.</param>
    /// <param name="body">What to do with each number.</param>
    /// <returns>How often the body ran.</returns>
    /// <exception cref="ArgumentOutOfRangeException">In user space: the count is too large.</exception>
    public static int Loop(int count, Action<int> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxLoops);
        for (int i = 0; i < count; i++) body(i);
        return Math.Max(count, 0);
    }

    /// <summary>Runs a body at most so many times, until it returns false. See <see cref="Loop(int, Action{int})"/>.</summary>
    /// <param name="count">How often at most.</param>
    /// <param name="body">What to do with each number; false ends the loop.</param>
    /// <returns>How often the body ran.</returns>
    /// <exception cref="ArgumentOutOfRangeException">In user space: the count is too large.</exception>
    public static int Loop(int count, Func<int, bool> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxLoops);
        for (int i = 0; i < count; i++)
        {
            if (!body(i)) return i + 1;
        }
        return Math.Max(count, 0);
    }
}

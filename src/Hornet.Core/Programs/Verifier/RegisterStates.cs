using Hornet.Isa;

namespace Hornet.Programs.Verifier;

/// <summary>
/// What the log says of the registers, the last word for each. States are only noted down while reading, and taken
/// apart at the end: a log can have millions of them.
/// </summary>
internal sealed class RegisterStates
{
    private readonly List<string> _states = [];

    /// <summary>The state of the whole machine was printed.</summary>
    public void Replace(ReadOnlySpan<char> state)
    {
        _states.Clear();
        Update(state);
    }

    /// <summary>What changed was printed.</summary>
    public void Update(ReadOnlySpan<char> state)
    {
        state = state.Trim();
        if (state.IsEmpty) return;
        if (_states.Count >= 256) Compact();
        _states.Add(state.ToString());
    }

    /// <summary>An instruction ran, and nothing was printed of what it did: what it writes is not known any more.</summary>
    public void Forget(string instruction)
    {
        if (instruction.StartsWith("call ", StringComparison.Ordinal)) Update("R0=? R1=? R2=? R3=? R4=? R5=?");
        else if (instruction is ['r' or 'w', >= '0' and <= '9', ..] && instruction.IndexOf(' ') is var end and (2 or 3)) Update($"R{instruction[1..end]}=?");
    }

    /// <summary>Whether this is a list of states: <c>R0=…</c>, <c>frame1: R0=…</c>, <c>fp-8=…</c>.</summary>
    public static bool LooksLikeState(ReadOnlySpan<char> text)
    {
        if (text.StartsWith("frame") && text.IndexOf(':') is var colon and > 5 and < 10) text = text[(colon + 1)..].TrimStart();
        if (text.StartsWith("fp-") || text.StartsWith("refs=")) return true;
        return TryRegister(text, out _, out _);
    }

    /// <summary>The last state of each register of the function the log ended in.</summary>
    public Dictionary<Register, string> Known
    {
        get
        {
            Dictionary<Register, string> known = [];
            foreach (string state in _states) Read(state, known);
            foreach (var (register, state) in known)
                if (state == "?") known.Remove(register);
            return known;
        }
    }

    private void Compact()
    {
        var known = Known;
        _states.Clear();
        foreach (var (register, state) in known) _states.Add($"R{(int)register}={state}");
    }

    private static void Read(ReadOnlySpan<char> state, Dictionary<Register, string> known)
    {
        while (!state.IsEmpty)
        {
            if (!TryRegister(state, out var register, out int length))
            {
                state = AfterToken(state);
                continue;
            }
            state = state[length..];
            int end = TokenLength(state);
            known[register] = state[..end].ToString();
            state = state[end..].TrimStart();
        }
    }

    // "R1=", "R1_w=", "R1_rwD="
    private static bool TryRegister(ReadOnlySpan<char> text, out Register register, out int length)
    {
        register = default;
        length = 0;
        if (text.Length < 3 || text[0] != 'R' || !char.IsAsciiDigit(text[1])) return false;
        int n = 2, number = text[1] - '0';
        if (char.IsAsciiDigit(text[2]))
        {
            number = (number * 10) + (text[2] - '0');
            n = 3;
        }
        if (number > 10) return false;
        if (n < text.Length && text[n] == '_')
        {
            n++;
            while (n < text.Length && char.IsAsciiLetter(text[n])) n++;
        }
        if (n >= text.Length || text[n] != '=') return false;
        register = (Register)number;
        length = n + 1;
        return true;
    }

    // A token ends at a blank outside of brackets: var_off=(0x0; 0xff) has one inside.
    private static int TokenLength(ReadOnlySpan<char> text)
    {
        int depth = 0;
        for (int n = 0; n < text.Length; n++)
        {
            switch (text[n])
            {
                case '(': depth++; break;
                case ')': depth--; break;
                case ' ' when depth <= 0: return n;
            }
        }
        return text.Length;
    }

    private static ReadOnlySpan<char> AfterToken(ReadOnlySpan<char> text)
    {
        int end = TokenLength(text);
        return end == 0 ? text[1..] : text[end..].TrimStart();
    }
}

using System.Text;

namespace Hornet.Tracing.Symbols.Demangling;

/// <summary>Identifiers that are not ASCII, as Rust writes them into its names (RFC 3492, with an underscore in front of the letters' part).</summary>
internal static class Punycode
{
    /// <summary>A name with characters beyond ASCII (RFC 3492; the delimiter is an underscore).</summary>
    public static string Decode(string text)
    {
        const int firstCode = 128, smallest = 1, largest = 26, skew = 38, damp = 700, firstBias = 72;
        int delimiter = text.LastIndexOf('_');
        List<int> runes = [];
        foreach (char c in delimiter > 0 ? text[..delimiter] : "") runes.Add(c);
        int at = delimiter >= 0 ? delimiter + 1 : 0, code = firstCode, bias = firstBias, index = 0;
        bool first = true;
        while (at < text.Length)
        {
            int before = index;
            long weight = 1;
            for (int k = 36; ; k += 36)
            {
                if (at >= text.Length) throw new DemangleException();
                char c = text[at++];
                int digit = char.IsAsciiLetterLower(c) ? c - 'a' : char.IsAsciiDigit(c) ? c - '0' + 26 : throw new DemangleException();
                long next = index + digit * weight;
                if (next > 1 << 26) throw new DemangleException();
                index = (int)next;
                int threshold = Math.Clamp(k - bias, smallest, largest);
                if (digit < threshold) break;
                weight *= 36 - threshold;
                if (weight > 1 << 26) throw new DemangleException();
            }
            int count = runes.Count + 1, delta = first ? (index - before) / damp : (index - before) / 2;
            first = false;
            delta += delta / count;
            int rounds = 0;
            for (; delta > (36 - smallest) * largest / 2; rounds += 36) delta /= 36 - smallest;
            bias = rounds + (36 - smallest + 1) * delta / (delta + skew);
            code += index / count;
            index %= count;
            if (!Rune.IsValid(code)) throw new DemangleException();
            runes.Insert(index++, code);
        }
        StringBuilder result = new();
        foreach (int rune in runes) result.Append(new Rune(rune).ToString());
        return result.ToString();
    }
}

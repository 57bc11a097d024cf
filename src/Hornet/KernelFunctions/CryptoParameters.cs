using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Hornet;

/// <summary>
/// Which cipher, with which key (<c>struct bpf_crypto_params</c>, 6.10): made in user space, and handed to
/// <see cref="BpfCrypto.Create"/> in the value of a map. It is too large for a program's stack.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct CryptoParameters
{
    private Name14 _type;
    private short _reserved;
    private Name128 _algorithm;
    private Key256 _key;
    private uint _keyLength;
    private uint _tagLength;

    /// <summary>Names a cipher of the kernel and gives the key.</summary>
    /// <param name="algorithm">As <c>/proc/crypto</c> has it: <c>ecb(aes)</c>, <c>cbc(aes)</c>.</param>
    /// <param name="key">The key, at most 256 bytes.</param>
    /// <param name="type">The kind of cipher: <c>skcipher</c>.</param>
    /// <param name="tagLength">Bytes of the authentication tag; 0 for ciphers without.</param>
    /// <exception cref="ArgumentException">A name or the key is too long.</exception>
    public static CryptoParameters For(string algorithm, ReadOnlySpan<byte> key, string type = "skcipher", uint tagLength = 0)
    {
        CryptoParameters parameters = new() { _keyLength = (uint)key.Length, _tagLength = tagLength };
        Write(type, parameters._type, nameof(type));
        Write(algorithm, parameters._algorithm, nameof(algorithm));
        if (key.Length > 256) throw new ArgumentException($"The key has {key.Length} bytes; the kernel takes 256 at most.", nameof(key));
        key.CopyTo(parameters._key);
        return parameters;
    }

    private static void Write(string text, Span<byte> into, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(text, parameter);
        // The kernel wants a zero behind it.
        if (Encoding.UTF8.GetByteCount(text) >= into.Length) throw new ArgumentException($"'{text}' is longer than {into.Length - 1} bytes.", parameter);
        Encoding.UTF8.GetBytes(text, into);
    }

    [InlineArray(14)]
    private struct Name14
    {
        private byte _first;
    }

    [InlineArray(128)]
    private struct Name128
    {
        private byte _first;
    }

    [InlineArray(256)]
    private struct Key256
    {
        private byte _first;
    }
}

using System.Runtime.CompilerServices;
using Hornet.KernelTypes;

namespace Hornet;

/// <summary>
/// The kernel's ciphers in kernel code (6.10): a syscall program makes a context and puts it into a map
/// (<see cref="Maps.BpfKptr{T}"/>); tc and XDP programs encrypt and decrypt with it.
/// </summary>
public static class BpfCrypto
{
    /// <summary>Makes a cipher with its key (<c>bpf_crypto_ctx_create</c>): to be released, or kept in a map. Syscall programs.</summary>
    /// <param name="parameters">Which, in the value of a map.</param>
    /// <param name="error">A negative error number when there is none: -95 (EOPNOTSUPP) for a cipher that the kernel does not have, -22 (EINVAL) for a wrong key.</param>
    /// <returns>Null when it cannot be made.</returns>
    [KernelFunction("bpf_crypto_ctx_create")]
    public static CryptoContext? Create(ref CryptoParameters parameters, ref int error) => throw KernelOnly.Error();

    /// <summary>Another reference to a context (<c>bpf_crypto_ctx_acquire</c>): to be released.</summary>
    /// <returns>Null when the context is about to go.</returns>
    [KernelFunction("bpf_crypto_ctx_acquire")]
    public static CryptoContext? Acquire(this CryptoContext context) => throw KernelOnly.Error();

    /// <summary>Gives a reference back (<c>bpf_crypto_ctx_release</c>).</summary>
    [KernelFunction("bpf_crypto_ctx_release")]
    public static void Release(this CryptoContext context) => throw KernelOnly.Error();

    /// <summary>Encrypts memory (<c>bpf_crypto_encrypt</c>) with a cipher that has no state: 6.11.</summary>
    /// <param name="context">The cipher.</param>
    /// <param name="source">What is encrypted.</param>
    /// <param name="destination">Where the result goes; as long as the source. It may be the same memory.</param>
    /// <returns>0, or a negative error number: -22 (EINVAL) when a length does not fit the cipher.</returns>
    public static int Encrypt(this CryptoContext context, ref BpfDynptr source, ref BpfDynptr destination) => Encrypt(context, ref source, ref destination, ref Unsafe.NullRef<BpfDynptr>());

    /// <summary>Encrypts memory (<c>bpf_crypto_encrypt</c>).</summary>
    /// <param name="context">The cipher.</param>
    /// <param name="source">What is encrypted.</param>
    /// <param name="destination">Where the result goes; as long as the source. It may be the same memory.</param>
    /// <param name="state">The initialization vector and the cipher's state, which it changes.</param>
    /// <returns>0, or a negative error number: -22 (EINVAL) when a length does not fit the cipher.</returns>
    [KernelFunction("bpf_crypto_encrypt")]
    public static int Encrypt(this CryptoContext context, ref BpfDynptr source, ref BpfDynptr destination, ref BpfDynptr state) => throw KernelOnly.Error();

    /// <summary>Decrypts memory (<c>bpf_crypto_decrypt</c>) with a cipher that has no state: 6.11.</summary>
    /// <inheritdoc cref="Encrypt(CryptoContext, ref BpfDynptr, ref BpfDynptr)"/>
    public static int Decrypt(this CryptoContext context, ref BpfDynptr source, ref BpfDynptr destination) => Decrypt(context, ref source, ref destination, ref Unsafe.NullRef<BpfDynptr>());

    /// <summary>Decrypts memory (<c>bpf_crypto_decrypt</c>).</summary>
    /// <inheritdoc cref="Encrypt(CryptoContext, ref BpfDynptr, ref BpfDynptr, ref BpfDynptr)"/>
    [KernelFunction("bpf_crypto_decrypt")]
    public static int Decrypt(this CryptoContext context, ref BpfDynptr source, ref BpfDynptr destination, ref BpfDynptr state) => throw KernelOnly.Error();
}

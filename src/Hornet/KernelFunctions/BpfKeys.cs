using Hornet.KernelTypes;

namespace Hornet;

/// <summary>Keyrings of the kernel whose keys are trusted for signatures, built into it (<c>enum</c> of <c>include/linux/verification.h</c>).</summary>
public enum SystemKeyring : ulong
{
    /// <summary>The keys that were built into the kernel.</summary>
    Builtin = 0,
    /// <summary>Those, and what they vouch for.</summary>
    Secondary = 1,
    /// <summary>The keys for kexec images of some platforms.</summary>
    Platform = 2,
}

/// <summary>
/// Keys and signatures, in kernel code of tracing, LSM and fentry programs (6.1). A keyring that was found has to be released on every way to the program's end
/// (HRN3016).
/// </summary>
public static class BpfKeys
{
    /// <summary>A key or keyring of user space by its serial number (<c>bpf_lookup_user_key</c>, 6.1; may sleep): to be released.</summary>
    /// <param name="serial">The number, as <c>keyctl</c> shows it; -3 (KEY_SPEC_SESSION_KEYRING) and the like too.</param>
    /// <param name="flags">1 to make special keyrings that are not there (KEY_LOOKUP_CREATE), 2 for keys that are not complete (KEY_LOOKUP_PARTIAL).</param>
    /// <returns>Null when there is none.</returns>
    [KernelFunction("bpf_lookup_user_key")]
    public static KernelKey? FindUserKey(int serial, ulong flags = 0) => throw KernelOnly.Error();

    /// <summary>A keyring of the kernel's own (<c>bpf_lookup_system_key</c>, 6.1): to be released.</summary>
    /// <returns>Null when there is none of this number.</returns>
    [KernelFunction("bpf_lookup_system_key")]
    public static KernelKey? FindSystemKeyring(SystemKeyring keyring) => throw KernelOnly.Error();

    /// <summary>Gives a keyring back (<c>bpf_key_put</c>, 6.1).</summary>
    [KernelFunction("bpf_key_put")]
    public static void Release(this KernelKey key) => throw KernelOnly.Error();

    /// <summary>Whether a signature was made of data by a key that a keyring trusts (<c>bpf_verify_pkcs7_signature</c>, 6.1; may sleep).</summary>
    /// <param name="keyring">The keyring.</param>
    /// <param name="data">What was signed.</param>
    /// <param name="signature">The signature in PKCS#7.</param>
    /// <returns>0 when it is, or a negative error number.</returns>
    public static int Verify(this KernelKey keyring, ref BpfDynptr data, ref BpfDynptr signature) => Verify(ref data, ref signature, keyring);

    [KernelFunction("bpf_verify_pkcs7_signature")]
    private static int Verify(ref BpfDynptr data, ref BpfDynptr signature, KernelKey keyring) => throw KernelOnly.Error();
}

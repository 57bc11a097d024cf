namespace Hornet.KernelTypes;

/// <summary>A cipher with its key (<c>struct bpf_crypto_ctx</c>): see <see cref="BpfCrypto"/>.</summary>
[KernelType("bpf_crypto_ctx")]
public interface CryptoContext;

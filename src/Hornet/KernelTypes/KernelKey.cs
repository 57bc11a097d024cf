namespace Hornet.KernelTypes;

/// <summary>A keyring that a program found (<c>struct bpf_key</c>): see <see cref="BpfKeys"/>.</summary>
[KernelType("bpf_key")]
public interface KernelKey;

using System.Runtime.InteropServices;

namespace Hornet.Maps;

/// <summary>Keeps somebody else's handle open while its number is used in a system call.</summary>
internal readonly ref struct HeldHandle : IDisposable
{
    private readonly SafeHandle _handle;

    public HeldHandle(SafeHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        bool added = false;
        handle.DangerousAddRef(ref added);
        _handle = handle;
    }

    public int Number => (int)_handle.DangerousGetHandle();

    public void Dispose() => _handle.DangerousRelease();
}

namespace Hornet;

/// <summary>
/// The records in the ring buffer that all callbacks share: a header that every event has, then the probe's own fields.
/// </summary>
internal static class RecordLayout
{
    public const int Group = 0;        // u32: which program, hence which layout
    public const int Selector = 4;     // u32: which of the group's probes: the system call's number
    public const int Time = 8;         // u64: CLOCK_MONOTONIC
    public const int ThreadId = 16;    // u32
    public const int ProcessId = 20;   // u32
    public const int UserId = 24;      // u32
    public const int GroupId = 28;     // u32
    public const int ProcessName = 32; // 16 bytes
    public const int Cpu = 48;         // u32
    public const int Flags = 52;       // u32
    public const int Result = 56;      // s64
    public const int Duration = 64;    // u64: ns
    public const int Fields = 72;

    public const int ProcessNameSize = 16;

    // Flags.
    public const uint HasResult = 1, HasDuration = 2;

    // Text and socket addresses: a length (negative: error number) of 8 bytes before the bytes.
    public const int LengthSize = 8;
    public const int SocketAddressSize = 128;
}

using Hornet.Buffers;
using Hornet.Maps;

namespace Hornet;

/// <summary>What kernel code has to know of a buffer that records are sent through.</summary>
internal interface IEventBuffer
{
    /// <summary>The ring.</summary>
    BpfMap Map { get; }

    /// <summary>Where records are counted that found no room.</summary>
    LossCounter Loss { get; }
}

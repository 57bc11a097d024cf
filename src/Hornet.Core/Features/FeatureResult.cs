namespace Hornet.Features;

/// <summary>Whether something can be had on the running kernel.</summary>
public enum FeatureState
{
    /// <summary>The kernel did it.</summary>
    Available,
    /// <summary>The kernel refused in the way it refuses what it does not have.</summary>
    Unavailable,
    /// <summary>
    /// The kernel refused in a way that tells nothing about the feature: permission, memory, a missing piece of the
    /// probe. Asking again, with more rights, may tell.
    /// </summary>
    Undetermined,
}

/// <summary>What a probe found out.</summary>
/// <param name="State">Whether the feature can be had.</param>
/// <param name="Cause">Why it cannot, or why that is not known; null when it can.</param>
/// <param name="Detail">One sentence on what is the matter and what to do; empty when the feature can be had.</param>
public sealed record FeatureResult(FeatureState State, UnsupportedCause? Cause, string Detail)
{
    internal static FeatureResult Yes { get; } = new(FeatureState.Available, null, "");

    /// <summary>Whether the feature is there for certain.</summary>
    public bool IsAvailable => State == FeatureState.Available;

    /// <inheritdoc/>
    public override string ToString() => State switch
    {
        FeatureState.Available => "yes",
        FeatureState.Unavailable => $"no: {Detail}",
        _ => $"unknown: {Detail}",
    };
}

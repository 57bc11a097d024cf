namespace Hornet;

/// <summary>A callback threw. The stream of events went on.</summary>
/// <param name="Probe">The probe whose event it was.</param>
/// <param name="Exception">What was thrown.</param>
public sealed record ProbeCallbackFailure(string Probe, Exception Exception);

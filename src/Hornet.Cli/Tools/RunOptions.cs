using System.CommandLine;
using System.Numerics;
using Hornet.Cli.Common;

namespace Hornet.Cli.Tools;

/// <summary>How long a tool runs and how it treats loss.</summary>
/// <param name="Duration">When to stop by itself; null for never.</param>
/// <param name="BufferSize">The ring buffer's size in bytes, a power of two.</param>
/// <param name="Strict">Whether lost events make the exit status <see cref="ExitCode.Lost"/>.</param>
/// <param name="Verbose">Whether to say what was attached and how long it took.</param>
internal sealed record RunSettings(TimeSpan? Duration, uint BufferSize, bool Strict, bool Verbose);

/// <summary>The options <c>--duration --buffer --strict --verbose</c>, the same for every tool.</summary>
internal sealed class RunOptions
{
    private readonly Option<TimeSpan?> _duration = new("--duration", "-d") { Description = "Stop after this time: 10, 500ms, 2m", HelpName = "TIME", CustomParser = Units.ParseDuration };
    private readonly Option<bool> _strict = new("--strict") { Description = "Exit with 3 when events were lost" };
    private readonly VerboseOption _verbose;
    private readonly Option<long>? _buffer;

    public RunOptions(Command command, bool buffer = true)
    {
        command.Options.Add(_duration);
        if (buffer)
        {
            _buffer = new Option<long>("--buffer") { Description = "The size of the event buffer (default 4M)", HelpName = "SIZE", CustomParser = Units.ParseSize, DefaultValueFactory = _ => 4 << 20 };
            command.Options.Add(_buffer);
        }
        command.Options.Add(_strict);
        _verbose = new VerboseOption(command, "Say on stderr what is attached, and how long that took; show the verifier's log when it refuses");
    }

    public RunSettings Read(ParseResult parsed)
    {
        long size = _buffer is null ? 0 : parsed.GetValue(_buffer);
        if (size > 1L << 30) throw new UserException("--buffer can be at most 1G.");
        // The kernel wants a power of two of whole pages.
        return new RunSettings(parsed.GetValue(_duration), (uint)BitOperations.RoundUpToPowerOf2((ulong)Math.Max(size, Environment.SystemPageSize)),
            parsed.GetValue(_strict), _verbose.Read(parsed));
    }
}

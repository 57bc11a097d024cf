namespace Hornet.Cli.Common;

/// <summary>The user asked for something that makes no sense or does not exist. The message says what to do.</summary>
internal sealed class UserException(string message) : Exception(message);

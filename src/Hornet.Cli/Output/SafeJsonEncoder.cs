using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Hornet.Cli.Output;

/// <summary>
/// JSON that is readable (names in any script stay as they are) and yet safe when it lands on a terminal: the
/// framework escapes controls, and we add the bidirectional and other invisible format characters.
/// </summary>
internal static class SafeJsonEncoder
{
    public static readonly JavaScriptEncoder Instance = Create();

    private static JavaScriptEncoder Create()
    {
        var settings = new TextEncoderSettings(UnicodeRanges.All);
        settings.ForbidCharacters('\u00ad', '\u061c', '\u180e', '\ufeff', '\ufff9', '\ufffa', '\ufffb');
        settings.ForbidRange(UnicodeRange.Create('\u200b', '\u200f'));
        settings.ForbidRange(UnicodeRange.Create('\u2028', '\u202e'));
        settings.ForbidRange(UnicodeRange.Create('\u2060', '\u206f'));
        return JavaScriptEncoder.Create(settings);
    }
}

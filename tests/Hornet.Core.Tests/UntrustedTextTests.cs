using System.Text;

namespace Hornet.Core.Tests;

public class UntrustedTextTests
{
    [Theory]
    [InlineData("plain name", "plain name")]
    [InlineData("\u001b[2J\u001b[31mPWN\a", @"\x1b[2J\x1b[31mPWN\x07")]
    [InlineData("a\nb\tc\rd", @"a\nb\tc\rd")]
    [InlineData("back\\slash", @"back\\slash")]
    [InlineData("\u009b31m", @"\u{9b}31m")]
    [InlineData("abc\u202egpj.exe", @"abc\u{202e}gpj.exe")]
    [InlineData("zero\u200bwidth", @"zero\u{200b}width")]
    [InlineData("line\u2028sep", @"line\u{2028}sep")]
    [InlineData("del\u007f", @"del\x7f")]
    [InlineData("größe 日本 😀", "größe 日本 😀")]
    public void What_could_move_a_terminal_is_spelled_out(string raw, string shown)
    {
        Assert.Equal(shown, UntrustedText.Escape(Encoding.UTF8.GetBytes(raw)));
        Assert.Equal(shown, UntrustedText.Escape(raw));
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_shown_in_hexadecimal() =>
        Assert.Equal(@"a\xffb\xc3", UntrustedText.Escape([(byte)'a', 0xff, (byte)'b', 0xc3]));

    [Fact]
    public void No_input_leaves_a_control_byte_behind()
    {
        var random = new Random(1);
        byte[] bytes = new byte[64];
        for (int i = 0; i < 20_000; i++)
        {
            random.NextBytes(bytes);
            foreach (var rune in UntrustedText.Escape(bytes).EnumerateRunes())
            {
                Assert.False(Rune.IsControl(rune), $"U+{rune.Value:X4} came through");
            }
        }
    }

    [Theory]
    [InlineData("abc", 3)]
    [InlineData("日本", 4)]
    [InlineData("e\u0301", 1)]
    public void Width_counts_columns_not_bytes(string text, int columns) =>
        Assert.Equal(columns, UntrustedText.DisplayWidth(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void A_fixed_buffer_ends_at_its_first_zero() =>
        Assert.Equal("ab", Encoding.ASCII.GetString(UntrustedText.CString("ab\0cd"u8)));
}

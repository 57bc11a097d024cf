using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hornet.Maps;

namespace Hornet.Core.Tests.Maps;

#pragma warning disable CS0649, CS0169, CA1823, IDE0044, IDE0051 // fields are only looked at
public class ElementLayoutTests
{
    private struct Padded
    {
        public int A;
        public long B;
    }

    private struct Trailing
    {
        public long A;
        public byte B;
    }

    private struct Sound
    {
        public int A;
        public int B;
        public long C;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Packed
    {
        public byte A;
        public long B;
    }

    private struct Nested
    {
        public long A;
        public Padded B;
    }

    [StructLayout(LayoutKind.Auto)]
    private struct Automatic
    {
        public long A;
        public long B;
    }

    private struct WithBool
    {
        public int A;
        public bool B;
        public byte C;
        public short D;
    }

    private struct WithChar
    {
        public char C;
    }

    private unsafe struct WithBuffer
    {
        public long A;
        public fixed byte Name[16];
    }

    [InlineArray(4)]
    private struct Four
    {
        private uint _element;
    }

    private struct WithInline
    {
        public Four A;
        public long B;
    }

    [StructLayout(LayoutKind.Explicit, Size = 8)]
    private struct Union
    {
        [FieldOffset(0)] public long Whole;
        [FieldOffset(0)] public int Low;
    }

    [StructLayout(LayoutKind.Explicit)]
    private struct Gap
    {
        [FieldOffset(0)] public int A;
        [FieldOffset(8)] public int B;
    }

    private static string KeyRefusal<T>() where T : unmanaged => Assert.Throws<BpfException>(ElementLayout.CheckKey<T>).Message;

    private static string ValueRefusal<T>() where T : unmanaged => Assert.Throws<BpfException>(ElementLayout.CheckValue<T>).Message;

    [Fact]
    public void Types_without_padding_are_keys()
    {
        ElementLayout.CheckKey<int>();
        ElementLayout.CheckKey<ulong>();
        ElementLayout.CheckKey<DayOfWeek>();
        ElementLayout.CheckKey<Guid>();
        ElementLayout.CheckKey<Sound>();
        ElementLayout.CheckKey<Packed>();
        ElementLayout.CheckKey<WithBuffer>();
        ElementLayout.CheckKey<WithInline>();
        ElementLayout.CheckKey<Union>();
    }

    [Fact]
    public void Padding_is_refused_in_keys_and_counted()
    {
        Assert.Contains("it has 4 bytes of padding", KeyRefusal<Padded>());
        Assert.Contains("it has 7 bytes of padding", KeyRefusal<Trailing>());
        Assert.Contains("its field B has 4 bytes of padding", KeyRefusal<Nested>());
        Assert.Contains("it has 4 bytes of padding", KeyRefusal<Gap>());
    }

    [Fact]
    public void Padding_is_allowed_in_values()
    {
        ElementLayout.CheckValue<Padded>();
        ElementLayout.CheckValue<Nested>();
        ElementLayout.CheckValue<Trailing>();
    }

    [Fact]
    public void Automatic_layout_bools_and_chars_are_refused_everywhere()
    {
        Assert.Contains("automatic layout", KeyRefusal<Automatic>());
        Assert.Contains("automatic layout", ValueRefusal<Automatic>());
        Assert.Contains("instead of a tuple", ValueRefusal<(int, int)>());
        Assert.Contains("automatic layout", ValueRefusal<DateTime>());
        Assert.Contains("its field B is a bool", ValueRefusal<WithBool>());
        Assert.Contains("it is a bool", KeyRefusal<bool>());
        Assert.Contains("its field C is a char", ValueRefusal<WithChar>());
    }
}

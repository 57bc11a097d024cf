using System.Buffers.Binary;
using System.Text;
using Hornet.Links;

namespace Hornet.Core.Tests.Links;

public class LdSoCacheTests
{
    private static byte[] Sample(bool old)
    {
        const int header = 48, entry = 24;
        byte[] strings = "libc.so.6\0/lib/libc.so.6\0/lib32/libc.so.6\0"u8.ToArray();
        byte[] cache = new byte[header + 2 * entry + strings.Length];
        "glibc-ld.so.cache1.1"u8.CopyTo(cache);
        BinaryPrimitives.WriteUInt32LittleEndian(cache.AsSpan(20), 2);
        void Entry(int i, uint flags, int name, int path)
        {
            var at = cache.AsSpan(header + i * entry);
            BinaryPrimitives.WriteUInt32LittleEndian(at, flags);
            BinaryPrimitives.WriteUInt32LittleEndian(at[4..], (uint)(header + 2 * entry + name));
            BinaryPrimitives.WriteUInt32LittleEndian(at[8..], (uint)(header + 2 * entry + path));
        }
        Entry(0, 0x0303, 0, 10); // x86-64
        Entry(1, 0x0003, 0, 25); // i386
        strings.CopyTo(cache, header + 2 * entry);
        if (!old) return cache;
        byte[] before = new byte[16 + 8];
        "ld.so-1.7.0"u8.CopyTo(before);
        BinaryPrimitives.WriteUInt32LittleEndian(before.AsSpan(12), 0);
        return [.. before.AsSpan(0, 16), .. cache];
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Libraries_of_this_architecture_are_listed(bool old)
    {
        Assert.SkipUnless(System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64, "the sample is for x86-64");
        Assert.Equal([("libc.so.6", "/lib/libc.so.6")], LdSoCache.Parse(Sample(old)));
    }

    [Fact]
    public void Mutated_bytes_never_give_another_exception()
    {
        Random random = new(5);
        for (int i = 0; i < 1_000; i++)
        {
            byte[] bytes = Sample(i % 2 == 0);
            for (int n = random.Next(1, 8); n > 0; n--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                LdSoCache.Parse(bytes.AsSpan(0, random.Next(bytes.Length + 1)));
            }
            catch (BpfFormatException)
            {
                // The one declared exception.
            }
        }
    }

    [Fact]
    public void Text_is_no_cache() => Assert.Throws<BpfFormatException>(() => LdSoCache.Parse(Encoding.ASCII.GetBytes("hello")));
}

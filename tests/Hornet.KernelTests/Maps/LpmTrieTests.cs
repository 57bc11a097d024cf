using System.Net;
using System.Net.Sockets;
using Hornet.Interop;
using Hornet.Maps;

namespace Hornet.KernelTests.Maps;

public class LpmTrieTests
{
    [Fact]
    public void The_longest_prefix_wins()
    {
        using var trie = BpfLpmTrie<int>.Create("routes", AddressFamily.InterNetwork, 16);
        trie.Set(IPNetwork.Parse("0.0.0.0/0"), 1);
        trie.Set(IPNetwork.Parse("10.0.0.0/8"), 2);
        trie.Set(IPNetwork.Parse("10.1.2.0/24"), 3);
        int Match(string address) => trie.TryMatch(IPAddress.Parse(address), out int value) ? value : -1;
        Assert.Equal([1, 2, 3], [Match("192.0.2.1"), Match("10.9.9.9"), Match("10.1.2.3")]);
        Assert.Equal(["0.0.0.0/0", "10.0.0.0/8", "10.1.2.0/24"], trie.Networks().OrderBy(n => n.Value).Select(n => n.Key.ToString()));
        Assert.True(trie.Remove(IPNetwork.Parse("0.0.0.0/0")));
        Assert.False(trie.Remove(IPNetwork.Parse("10.0.0.0/9")));
        Assert.Equal(-1, Match("192.0.2.1"));
        Assert.Throws<ArgumentException>(() => trie.TryMatch(IPAddress.IPv6Loopback, out _));
    }

    [Fact]
    public void Networks_of_the_sixth_version_and_any_bytes()
    {
        using var trie = BpfLpmTrie<long>.Create("six", AddressFamily.InterNetworkV6, 16);
        trie.Set(IPNetwork.Parse("2001:db8::/32"), 6);
        Assert.True(trie.TryMatch(IPAddress.Parse("2001:db8::1"), out long value));
        Assert.Equal(6, value);
        using var names = BpfLpmTrie<byte>.Create("names", 11, 16);
        names.Set("/usr"u8, 32, 1);
        Assert.True(names.TryMatch("/usr/bin"u8, 64, out _));
        Assert.False(names.TryMatch("/us"u8, 24, out _));
        Assert.Throws<BpfException>(() => names.Networks().Count());
        Assert.Single(names.Prefixes());
    }

    [Fact]
    public void A_full_trie_says_so()
    {
        using var trie = BpfLpmTrie<int>.Create("full", AddressFamily.InterNetwork, 1);
        trie.Set(IPNetwork.Parse("10.0.0.0/8"), 2);
        var e = Assert.Throws<BpfSyscallException>(() => trie.Set(IPNetwork.Parse("11.0.0.0/8"), 2));
        Assert.Equal(Errno.ENOSPC, e.Errno);
        Assert.Contains("max_entries is 1", e.Message);
    }

    [Fact]
    public void Many_prefixes_are_enumerated_once()
    {
        using var trie = BpfLpmTrie<int>.Create("many", AddressFamily.InterNetwork, 1000);
        for (int i = 0; i < 1000; i++) trie.Set([10, (byte)(i >> 8), (byte)i], 24, i);
        Assert.Equal(Enumerable.Range(0, 1000), trie.Prefixes().Select(p => p.Value).Order());
        Assert.Equal(1000, trie.Map.Clear());
        Assert.Empty(trie.Prefixes());
    }
}

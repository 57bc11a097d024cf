using System.Net.Sockets;
using Hornet.IL;
using Hornet.Links;
using Hornet.Maps;
using Hornet.Programs;

namespace Hornet;

// Programs of sockets.
public sealed partial class BpfSession
{
    /// <summary>Filters what a socket receives (3.19).</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="kernel">The code: how many bytes of the packet the socket gets, 0 for none, <see cref="int.MaxValue"/> for all.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    /// <exception cref="BpfException">It cannot be attached; the message says why.</exception>
    public SocketLink AttachSocketFilter(Socket socket, [KernelCode] Func<SkbContext, int> kernel)
    {
        ArgumentNullException.ThrowIfNull(socket);
        return Own(SocketLink.AttachFilter(Load(KernelCode.Network("socketFilter", $"socket filter:{socket.ProtocolType}", ProgramType.SocketFilter, kernel)), socket.SafeHandle));
    }

    /// <summary>Loads such a program without attaching it: to run it with <see cref="BpfProgram.TestRun(TestRunOptions)"/>, or to attach it by its link.</summary>
    /// <param name="kernel">The code: how many bytes of the packet the socket gets, 0 for none, <see cref="int.MaxValue"/> for all.</param>
    /// <param name="name">The program's name.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public BpfProgram LoadSocketFilter([KernelCode] Func<SkbContext, int> kernel, string name = "socketFilter") => Load(KernelCode.Network(name, $"socket filter:{name}", ProgramType.SocketFilter, kernel));

    /// <summary>Chooses among the sockets that share a port (4.19).</summary>
    /// <param name="socket">Any of the sockets, with <c>SO_REUSEPORT</c>.</param>
    /// <param name="kernel">The code.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    /// <exception cref="BpfException">It cannot be attached; the message says why.</exception>
    public SocketLink AttachReusePort(Socket socket, [KernelCode] Func<SkReusePortContext, SkAction> kernel)
    {
        ArgumentNullException.ThrowIfNull(socket);
        return Own(SocketLink.AttachReusePort(Load(KernelCode.Network("reusePort", $"port sharing:{socket.ProtocolType}", ProgramType.SkReusePort, kernel, AttachType.SkReusePortSelect)), socket.SafeHandle));
    }

    /// <summary>Loads such a program without attaching it: to attach it by its link.</summary>
    /// <param name="kernel">The code.</param>
    /// <param name="name">The program's name.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public BpfProgram LoadReusePort([KernelCode] Func<SkReusePortContext, SkAction> kernel, string name = "reusePort") => Load(KernelCode.Network(name, $"port sharing:{name}", ProgramType.SkReusePort, kernel, AttachType.SkReusePortSelect));

    /// <summary>Chooses the socket for connections and datagrams that arrive in a network namespace, whatever it is bound to (5.9).</summary>
    /// <param name="kernel">The code.</param>
    /// <param name="networkNamespace">The namespace, such as <c>/run/netns/blue</c>; null for this thread's.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    /// <exception cref="BpfException">It cannot be attached; the message says why.</exception>
    public NetnsLink AttachSkLookup([KernelCode] Func<SkLookupContext, SkAction> kernel, string? networkNamespace = null)
    {
        return Own(NetnsLink.Attach(Load(KernelCode.Network("skLookup", $"socket lookup:{networkNamespace}", ProgramType.SkLookup, kernel, AttachType.SkLookup)), networkNamespace));
    }

    /// <summary>Loads such a program without attaching it: to run it with <see cref="BpfProgram.TestRun(TestRunOptions)"/>, or to attach it by its link.</summary>
    /// <param name="kernel">The code.</param>
    /// <param name="name">The program's name.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public BpfProgram LoadSkLookup([KernelCode] Func<SkLookupContext, SkAction> kernel, string name = "skLookup") => Load(KernelCode.Network(name, $"socket lookup:{name}", ProgramType.SkLookup, kernel, AttachType.SkLookup));

    /// <summary>Sees what the sockets of a map send, and where it goes (4.17).</summary>
    /// <param name="map">The sockets: a <see cref="BpfSockMap"/> or <see cref="BpfSockHash{TKey}"/>. Those put in after this are the program's.</param>
    /// <param name="kernel">The code.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    /// <exception cref="BpfException">It cannot be attached; the message says why.</exception>
    public SockMapLink AttachSkMsg(MapView map, [KernelCode] Func<SkMsgContext, SkAction> kernel)
    {
        ArgumentNullException.ThrowIfNull(map);
        return Own(SockMapLink.Attach(Load(KernelCode.Network("skMsg", $"sk_msg:{map.Map.Name}", ProgramType.SkMsg, kernel, AttachType.SkMsgVerdict)), map.Map));
    }

    /// <summary>Loads such a program without attaching it: to attach it by its link.</summary>
    /// <param name="kernel">The code.</param>
    /// <param name="name">The program's name.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public BpfProgram LoadSkMsg([KernelCode] Func<SkMsgContext, SkAction> kernel, string name = "skMsg") => Load(KernelCode.Network(name, $"sk_msg:{name}", ProgramType.SkMsg, kernel, AttachType.SkMsgVerdict));

    /// <summary>Says where the messages end that the sockets of a map receive (4.14).</summary>
    /// <param name="map">The sockets: a <see cref="BpfSockMap"/> or <see cref="BpfSockHash{TKey}"/>. Those put in after this are the program's.</param>
    /// <param name="kernel">The code: the length of the message in bytes, 0 when more must come to know it.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    /// <exception cref="BpfException">It cannot be attached; the message says why.</exception>
    public SockMapLink AttachStreamParser(MapView map, [KernelCode] Func<SkbContext, int> kernel)
    {
        ArgumentNullException.ThrowIfNull(map);
        return Own(SockMapLink.Attach(Load(KernelCode.Network("streamParser", $"stream parser:{map.Map.Name}", ProgramType.SkSkb, kernel, AttachType.SkSkbStreamParser)), map.Map));
    }

    /// <summary>Loads such a program without attaching it: to attach it by its link.</summary>
    /// <param name="kernel">The code: the length of the message in bytes, 0 when more must come to know it.</param>
    /// <param name="name">The program's name.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public BpfProgram LoadStreamParser([KernelCode] Func<SkbContext, int> kernel, string name = "streamParser") => Load(KernelCode.Network(name, $"stream parser:{name}", ProgramType.SkSkb, kernel, AttachType.SkSkbStreamParser));

    /// <summary>Decides about the messages that the sockets of a map receive; before 5.10 only with a stream parser (4.14).</summary>
    /// <param name="map">The sockets: a <see cref="BpfSockMap"/> or <see cref="BpfSockHash{TKey}"/>. Those put in after this are the program's.</param>
    /// <param name="kernel">The code.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    /// <exception cref="BpfException">It cannot be attached; the message says why.</exception>
    public SockMapLink AttachStreamVerdict(MapView map, [KernelCode] Func<SkbContext, SkAction> kernel)
    {
        ArgumentNullException.ThrowIfNull(map);
        return Own(SockMapLink.Attach(Load(KernelCode.Network("streamVerdict", $"stream verdict:{map.Map.Name}", ProgramType.SkSkb, kernel, AttachType.SkSkbStreamVerdict)), map.Map));
    }

    /// <summary>Loads such a program without attaching it: to attach it by its link.</summary>
    /// <param name="kernel">The code.</param>
    /// <param name="name">The program's name.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public BpfProgram LoadStreamVerdict([KernelCode] Func<SkbContext, SkAction> kernel, string name = "streamVerdict") => Load(KernelCode.Network(name, $"stream verdict:{name}", ProgramType.SkSkb, kernel, AttachType.SkSkbStreamVerdict));

    /// <summary>Decides about what the sockets of a map receive, UDP and Unix too, without a parser (5.13).</summary>
    /// <param name="map">The sockets: a <see cref="BpfSockMap"/> or <see cref="BpfSockHash{TKey}"/>. Those put in after this are the program's.</param>
    /// <param name="kernel">The code.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    /// <exception cref="BpfException">It cannot be attached; the message says why.</exception>
    public SockMapLink AttachSkSkbVerdict(MapView map, [KernelCode] Func<SkbContext, SkAction> kernel)
    {
        ArgumentNullException.ThrowIfNull(map);
        return Own(SockMapLink.Attach(Load(KernelCode.Network("skSkbVerdict", $"sk_skb verdict:{map.Map.Name}", ProgramType.SkSkb, kernel, AttachType.SkSkbVerdict)), map.Map));
    }

    /// <summary>Loads such a program without attaching it: to attach it by its link.</summary>
    /// <param name="kernel">The code.</param>
    /// <param name="name">The program's name.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public BpfProgram LoadSkSkbVerdict([KernelCode] Func<SkbContext, SkAction> kernel, string name = "skSkbVerdict") => Load(KernelCode.Network(name, $"sk_skb verdict:{name}", ProgramType.SkSkb, kernel, AttachType.SkSkbVerdict));
}

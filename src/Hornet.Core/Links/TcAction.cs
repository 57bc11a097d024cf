using System.Runtime.InteropServices;
using Hornet.Interop;

namespace Hornet.Links;

/// <summary>A BPF action behind a filter (<c>act_bpf</c>, program type sched_act): it decides about packets the filter matched.</summary>
internal static class TcAction
{
    private const ushort FirstAction = 1, ActionKind = 1, ActionOptions = 2;
    private const ushort Parameters = 2, BpfFd = 5, BpfName = 6;
    private const int Pipe = 3;

    [StructLayout(LayoutKind.Sequential)]
    private struct ActionParameters // struct tc_act_bpf
    {
        public uint Index;
        public uint Capabilities;
        public int Action;
        public int ReferenceCount;
        public int BindCount;
    }

    public static void Write(NetlinkWriter actions, FileDescriptor program, string name) =>
        actions.Nest(FirstAction, action => action.Add(ActionKind, "bpf").Nest(ActionOptions, options =>
            options.Add(Parameters, new ActionParameters { Action = Pipe }).Add(BpfFd, program.Value).Add(BpfName, name)));
}

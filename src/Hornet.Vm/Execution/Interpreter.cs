using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Hornet.Isa;
using Hornet.Vm.Loading;

namespace Hornet.Vm.Execution;

/// <summary>
/// Runs a program operation by operation. One method, because the runtime's compiler keeps position and registers in
/// processor registers only within a method; whatever is rare is elsewhere.
/// </summary>
internal static unsafe class Interpreter
{
    /// <summary>Runs a function in the current frame until it returns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Execute(VmExecution s, VmCode code, VmFunction function, ulong r1, ulong r2, ulong r3, ulong r4, ulong r5)
    {
        Op* start = code.Start, ip = start + function.Start;
        int entryDepth = s.Depth;
        ulong* r = s.Registers + (entryDepth * VmExecution.RegistersPerFrame);
        VmWindow* windows = s.Windows + (entryDepth * VmExecution.RegistersPerFrame);
        byte* frame = BeginFrame(s, function, r, windows);
        (r[1], r[2], r[3], r[4], r[5]) = (r1, r2, r3, r4, r5);
        long budget = s.Budget;
        int version = s.MemoryVersion;
        Op* op;

        for (; ; )
        {
            op = ip++;
            switch (op->Code)
            {
                case OpCode.Add64I: r[op->Dst] += (ulong)op->Constant; continue;
                case OpCode.Add64R: r[op->Dst] += r[op->Src]; continue;
                case OpCode.Sub64I: r[op->Dst] -= (ulong)op->Constant; continue;
                case OpCode.Sub64R: r[op->Dst] -= r[op->Src]; continue;
                case OpCode.Mul64I: r[op->Dst] *= (ulong)op->Constant; continue;
                case OpCode.Mul64R: r[op->Dst] *= r[op->Src]; continue;
                case OpCode.Or64I: r[op->Dst] |= (ulong)op->Constant; continue;
                case OpCode.Or64R: r[op->Dst] |= r[op->Src]; continue;
                case OpCode.And64I: r[op->Dst] &= (ulong)op->Constant; continue;
                case OpCode.And64R: r[op->Dst] &= r[op->Src]; continue;
                case OpCode.Xor64I: r[op->Dst] ^= (ulong)op->Constant; continue;
                case OpCode.Xor64R: r[op->Dst] ^= r[op->Src]; continue;
                case OpCode.Lsh64I: r[op->Dst] <<= (int)op->Constant; continue;
                case OpCode.Lsh64R: r[op->Dst] <<= (int)r[op->Src]; continue;
                case OpCode.Rsh64I: r[op->Dst] >>= (int)op->Constant; continue;
                case OpCode.Rsh64R: r[op->Dst] >>= (int)r[op->Src]; continue;
                case OpCode.Arsh64I: r[op->Dst] = (ulong)((long)r[op->Dst] >> (int)op->Constant); continue;
                case OpCode.Arsh64R: r[op->Dst] = (ulong)((long)r[op->Dst] >> (int)r[op->Src]); continue;
                case OpCode.Mov64I: r[op->Dst] = (ulong)op->Constant; continue;
                case OpCode.Mov64R: r[op->Dst] = r[op->Src]; continue;
                case OpCode.Div64I: r[op->Dst] = Arithmetic.Div64(r[op->Dst], (ulong)op->Constant); continue;
                case OpCode.Div64R: r[op->Dst] = Arithmetic.Div64(r[op->Dst], r[op->Src]); continue;
                case OpCode.Mod64I: r[op->Dst] = Arithmetic.Mod64(r[op->Dst], (ulong)op->Constant); continue;
                case OpCode.Mod64R: r[op->Dst] = Arithmetic.Mod64(r[op->Dst], r[op->Src]); continue;
                case OpCode.SDiv64I: r[op->Dst] = Arithmetic.SDiv64(r[op->Dst], (ulong)op->Constant); continue;
                case OpCode.SDiv64R: r[op->Dst] = Arithmetic.SDiv64(r[op->Dst], r[op->Src]); continue;
                case OpCode.SMod64I: r[op->Dst] = Arithmetic.SMod64(r[op->Dst], (ulong)op->Constant); continue;
                case OpCode.SMod64R: r[op->Dst] = Arithmetic.SMod64(r[op->Dst], r[op->Src]); continue;
                case OpCode.Neg64: r[op->Dst] = 0 - r[op->Dst]; continue;
                case OpCode.MovSx8To64: r[op->Dst] = (ulong)(sbyte)r[op->Src]; continue;
                case OpCode.MovSx16To64: r[op->Dst] = (ulong)(short)r[op->Src]; continue;
                case OpCode.MovSx32To64: r[op->Dst] = (ulong)(int)r[op->Src]; continue;

                case OpCode.Add32I: r[op->Dst] = (uint)r[op->Dst] + (uint)op->Constant; continue;
                case OpCode.Add32R: r[op->Dst] = (uint)r[op->Dst] + (uint)r[op->Src]; continue;
                case OpCode.Sub32I: r[op->Dst] = (uint)r[op->Dst] - (uint)op->Constant; continue;
                case OpCode.Sub32R: r[op->Dst] = (uint)r[op->Dst] - (uint)r[op->Src]; continue;
                case OpCode.Mul32I: r[op->Dst] = (uint)r[op->Dst] * (uint)op->Constant; continue;
                case OpCode.Mul32R: r[op->Dst] = (uint)r[op->Dst] * (uint)r[op->Src]; continue;
                case OpCode.Or32I: r[op->Dst] = (uint)r[op->Dst] | (uint)op->Constant; continue;
                case OpCode.Or32R: r[op->Dst] = (uint)r[op->Dst] | (uint)r[op->Src]; continue;
                case OpCode.And32I: r[op->Dst] = (uint)r[op->Dst] & (uint)op->Constant; continue;
                case OpCode.And32R: r[op->Dst] = (uint)r[op->Dst] & (uint)r[op->Src]; continue;
                case OpCode.Xor32I: r[op->Dst] = (uint)r[op->Dst] ^ (uint)op->Constant; continue;
                case OpCode.Xor32R: r[op->Dst] = (uint)r[op->Dst] ^ (uint)r[op->Src]; continue;
                case OpCode.Lsh32I: r[op->Dst] = (uint)r[op->Dst] << (int)op->Constant; continue;
                case OpCode.Lsh32R: r[op->Dst] = (uint)r[op->Dst] << (int)r[op->Src]; continue;
                case OpCode.Rsh32I: r[op->Dst] = (uint)r[op->Dst] >> (int)op->Constant; continue;
                case OpCode.Rsh32R: r[op->Dst] = (uint)r[op->Dst] >> (int)r[op->Src]; continue;
                case OpCode.Arsh32I: r[op->Dst] = (uint)((int)r[op->Dst] >> (int)op->Constant); continue;
                case OpCode.Arsh32R: r[op->Dst] = (uint)((int)r[op->Dst] >> (int)r[op->Src]); continue;
                case OpCode.Mov32I: r[op->Dst] = (uint)op->Constant; continue;
                case OpCode.Mov32R: r[op->Dst] = (uint)r[op->Src]; continue;
                case OpCode.Div32I: r[op->Dst] = Arithmetic.Div32((uint)r[op->Dst], (uint)op->Constant); continue;
                case OpCode.Div32R: r[op->Dst] = Arithmetic.Div32((uint)r[op->Dst], (uint)r[op->Src]); continue;
                case OpCode.Mod32I: r[op->Dst] = Arithmetic.Mod32((uint)r[op->Dst], (uint)op->Constant); continue;
                case OpCode.Mod32R: r[op->Dst] = Arithmetic.Mod32((uint)r[op->Dst], (uint)r[op->Src]); continue;
                case OpCode.SDiv32I: r[op->Dst] = Arithmetic.SDiv32((uint)r[op->Dst], (uint)op->Constant); continue;
                case OpCode.SDiv32R: r[op->Dst] = Arithmetic.SDiv32((uint)r[op->Dst], (uint)r[op->Src]); continue;
                case OpCode.SMod32I: r[op->Dst] = Arithmetic.SMod32((uint)r[op->Dst], (uint)op->Constant); continue;
                case OpCode.SMod32R: r[op->Dst] = Arithmetic.SMod32((uint)r[op->Dst], (uint)r[op->Src]); continue;
                case OpCode.Neg32: r[op->Dst] = 0 - (uint)r[op->Dst]; continue;
                case OpCode.MovSx8To32: r[op->Dst] = (uint)(sbyte)r[op->Src]; continue;
                case OpCode.MovSx16To32: r[op->Dst] = (uint)(short)r[op->Src]; continue;

                case OpCode.Cut16: r[op->Dst] = (ushort)r[op->Dst]; continue;
                case OpCode.Cut32: r[op->Dst] = (uint)r[op->Dst]; continue;
                case OpCode.Cut64: continue;
                case OpCode.Swap16: r[op->Dst] = BinaryPrimitives.ReverseEndianness((ushort)r[op->Dst]); continue;
                case OpCode.Swap32: r[op->Dst] = BinaryPrimitives.ReverseEndianness((uint)r[op->Dst]); continue;
                case OpCode.Swap64: r[op->Dst] = BinaryPrimitives.ReverseEndianness(r[op->Dst]); continue;
                case OpCode.LoadImm64: r[op->Dst] = (ulong)op->Constant; ip++; continue;

                case OpCode.Load8: r[op->Dst] = *(byte*)(Hit(r, windows, op, out ulong at8, 1) ? windows[op->Src].Host + at8 : Miss(s, code, op, r, windows, 1, budget)); continue;
                case OpCode.Load16: r[op->Dst] = *(ushort*)(Hit(r, windows, op, out ulong at16, 2) ? windows[op->Src].Host + at16 : Miss(s, code, op, r, windows, 2, budget)); continue;
                case OpCode.Load32: r[op->Dst] = *(uint*)(Hit(r, windows, op, out ulong at32, 4) ? windows[op->Src].Host + at32 : Miss(s, code, op, r, windows, 4, budget)); continue;
                case OpCode.Load64: r[op->Dst] = *(ulong*)(Hit(r, windows, op, out ulong at64, 8) ? windows[op->Src].Host + at64 : Miss(s, code, op, r, windows, 8, budget)); continue;
                case OpCode.LoadSx8: r[op->Dst] = (ulong)*(sbyte*)(Hit(r, windows, op, out ulong atSx8, 1) ? windows[op->Src].Host + atSx8 : Miss(s, code, op, r, windows, 1, budget)); continue;
                case OpCode.LoadSx16: r[op->Dst] = (ulong)*(short*)(Hit(r, windows, op, out ulong atSx16, 2) ? windows[op->Src].Host + atSx16 : Miss(s, code, op, r, windows, 2, budget)); continue;
                case OpCode.LoadSx32: r[op->Dst] = (ulong)*(int*)(Hit(r, windows, op, out ulong atSx32, 4) ? windows[op->Src].Host + atSx32 : Miss(s, code, op, r, windows, 4, budget)); continue;
                case OpCode.Store8I: *(byte*)(HitWrite(r, windows, op, out ulong ati8, 1) ? windows[op->Dst].Host + ati8 : MissWrite(s, code, op, r, windows, 1, budget)) = (byte)op->Constant; continue;
                case OpCode.Store16I: *(ushort*)(HitWrite(r, windows, op, out ulong ati16, 2) ? windows[op->Dst].Host + ati16 : MissWrite(s, code, op, r, windows, 2, budget)) = (ushort)op->Constant; continue;
                case OpCode.Store32I: *(uint*)(HitWrite(r, windows, op, out ulong ati32, 4) ? windows[op->Dst].Host + ati32 : MissWrite(s, code, op, r, windows, 4, budget)) = (uint)op->Constant; continue;
                case OpCode.Store64I: *(ulong*)(HitWrite(r, windows, op, out ulong ati64, 8) ? windows[op->Dst].Host + ati64 : MissWrite(s, code, op, r, windows, 8, budget)) = (ulong)op->Constant; continue;
                case OpCode.Store8R: *(byte*)(HitWrite(r, windows, op, out ulong atr8, 1) ? windows[op->Dst].Host + atr8 : MissWrite(s, code, op, r, windows, 1, budget)) = (byte)r[op->Src]; continue;
                case OpCode.Store16R: *(ushort*)(HitWrite(r, windows, op, out ulong atr16, 2) ? windows[op->Dst].Host + atr16 : MissWrite(s, code, op, r, windows, 2, budget)) = (ushort)r[op->Src]; continue;
                case OpCode.Store32R: *(uint*)(HitWrite(r, windows, op, out ulong atr32, 4) ? windows[op->Dst].Host + atr32 : MissWrite(s, code, op, r, windows, 4, budget)) = (uint)r[op->Src]; continue;
                case OpCode.Store64R: *(ulong*)(HitWrite(r, windows, op, out ulong atr64, 8) ? windows[op->Dst].Host + atr64 : MissWrite(s, code, op, r, windows, 8, budget)) = (ulong)r[op->Src]; continue;
                case OpCode.StackLoad8: r[op->Dst] = *(byte*)(frame + op->Offset); continue;
                case OpCode.StackLoad16: r[op->Dst] = *(ushort*)(frame + op->Offset); continue;
                case OpCode.StackLoad32: r[op->Dst] = *(uint*)(frame + op->Offset); continue;
                case OpCode.StackLoad64: r[op->Dst] = *(ulong*)(frame + op->Offset); continue;
                case OpCode.StackLoadSx8: r[op->Dst] = (ulong)*(sbyte*)(frame + op->Offset); continue;
                case OpCode.StackLoadSx16: r[op->Dst] = (ulong)*(short*)(frame + op->Offset); continue;
                case OpCode.StackLoadSx32: r[op->Dst] = (ulong)*(int*)(frame + op->Offset); continue;
                case OpCode.StackStore8I: *(byte*)(frame + op->Offset) = (byte)op->Constant; continue;
                case OpCode.StackStore8R: *(byte*)(frame + op->Offset) = (byte)r[op->Src]; continue;
                case OpCode.StackStore16I: *(ushort*)(frame + op->Offset) = (ushort)op->Constant; continue;
                case OpCode.StackStore16R: *(ushort*)(frame + op->Offset) = (ushort)r[op->Src]; continue;
                case OpCode.StackStore32I: *(uint*)(frame + op->Offset) = (uint)op->Constant; continue;
                case OpCode.StackStore32R: *(uint*)(frame + op->Offset) = (uint)r[op->Src]; continue;
                case OpCode.StackStore64I: *(ulong*)(frame + op->Offset) = (ulong)op->Constant; continue;
                case OpCode.StackStore64R: *(ulong*)(frame + op->Offset) = (ulong)r[op->Src]; continue;

                case OpCode.Atomic32: Atomic(s, code, op, r, 4, budget); continue;
                case OpCode.Atomic64: Atomic(s, code, op, r, 8, budget); continue;
                case OpCode.LoadAcquire8: r[op->Dst] = Volatile.Read(ref *(byte*)Ordered(s, code, op, r, op->Src, false, 1, budget)); continue;
                case OpCode.LoadAcquire16: r[op->Dst] = Volatile.Read(ref *(ushort*)Ordered(s, code, op, r, op->Src, false, 2, budget)); continue;
                case OpCode.LoadAcquire32: r[op->Dst] = Volatile.Read(ref *(uint*)Ordered(s, code, op, r, op->Src, false, 4, budget)); continue;
                case OpCode.LoadAcquire64: r[op->Dst] = Volatile.Read(ref *(ulong*)Ordered(s, code, op, r, op->Src, false, 8, budget)); continue;
                case OpCode.StoreRelease8: Volatile.Write(ref *(byte*)Ordered(s, code, op, r, op->Dst, true, 1, budget), (byte)r[op->Src]); continue;
                case OpCode.StoreRelease16: Volatile.Write(ref *(ushort*)Ordered(s, code, op, r, op->Dst, true, 2, budget), (ushort)r[op->Src]); continue;
                case OpCode.StoreRelease32: Volatile.Write(ref *(uint*)Ordered(s, code, op, r, op->Dst, true, 4, budget), (uint)r[op->Src]); continue;
                case OpCode.StoreRelease64: Volatile.Write(ref *(ulong*)Ordered(s, code, op, r, op->Dst, true, 8, budget), (ulong)r[op->Src]); continue;
                case OpCode.PacketAbsolute8:
                case OpCode.PacketAbsolute16:
                case OpCode.PacketAbsolute32:
                case OpCode.PacketIndirect8:
                case OpCode.PacketIndirect16:
                case OpCode.PacketIndirect32:
                    if (PacketLoad(s, code, op, r, budget)) continue;
                    r[0] = 0;
                    goto exit;

                case OpCode.Jump: goto taken;
                case OpCode.Eq64I: if (r[op->Dst] == (ulong)op->Constant) goto taken; continue;
                case OpCode.Eq64R: if (r[op->Dst] == r[op->Src]) goto taken; continue;
                case OpCode.Gt64I: if (r[op->Dst] > (ulong)op->Constant) goto taken; continue;
                case OpCode.Gt64R: if (r[op->Dst] > r[op->Src]) goto taken; continue;
                case OpCode.Ge64I: if (r[op->Dst] >= (ulong)op->Constant) goto taken; continue;
                case OpCode.Ge64R: if (r[op->Dst] >= r[op->Src]) goto taken; continue;
                case OpCode.Set64I: if ((r[op->Dst] & (ulong)op->Constant) != 0) goto taken; continue;
                case OpCode.Set64R: if ((r[op->Dst] & r[op->Src]) != 0) goto taken; continue;
                case OpCode.Ne64I: if (r[op->Dst] != (ulong)op->Constant) goto taken; continue;
                case OpCode.Ne64R: if (r[op->Dst] != r[op->Src]) goto taken; continue;
                case OpCode.SGt64I: if ((long)r[op->Dst] > op->Constant) goto taken; continue;
                case OpCode.SGt64R: if ((long)r[op->Dst] > (long)r[op->Src]) goto taken; continue;
                case OpCode.SGe64I: if ((long)r[op->Dst] >= op->Constant) goto taken; continue;
                case OpCode.SGe64R: if ((long)r[op->Dst] >= (long)r[op->Src]) goto taken; continue;
                case OpCode.Lt64I: if (r[op->Dst] < (ulong)op->Constant) goto taken; continue;
                case OpCode.Lt64R: if (r[op->Dst] < r[op->Src]) goto taken; continue;
                case OpCode.Le64I: if (r[op->Dst] <= (ulong)op->Constant) goto taken; continue;
                case OpCode.Le64R: if (r[op->Dst] <= r[op->Src]) goto taken; continue;
                case OpCode.SLt64I: if ((long)r[op->Dst] < op->Constant) goto taken; continue;
                case OpCode.SLt64R: if ((long)r[op->Dst] < (long)r[op->Src]) goto taken; continue;
                case OpCode.SLe64I: if ((long)r[op->Dst] <= op->Constant) goto taken; continue;
                case OpCode.SLe64R: if ((long)r[op->Dst] <= (long)r[op->Src]) goto taken; continue;
                case OpCode.Eq32I: if ((uint)r[op->Dst] == (uint)op->Constant) goto taken; continue;
                case OpCode.Eq32R: if ((uint)r[op->Dst] == (uint)r[op->Src]) goto taken; continue;
                case OpCode.Gt32I: if ((uint)r[op->Dst] > (uint)op->Constant) goto taken; continue;
                case OpCode.Gt32R: if ((uint)r[op->Dst] > (uint)r[op->Src]) goto taken; continue;
                case OpCode.Ge32I: if ((uint)r[op->Dst] >= (uint)op->Constant) goto taken; continue;
                case OpCode.Ge32R: if ((uint)r[op->Dst] >= (uint)r[op->Src]) goto taken; continue;
                case OpCode.Set32I: if (((uint)r[op->Dst] & (uint)op->Constant) != 0) goto taken; continue;
                case OpCode.Set32R: if (((uint)r[op->Dst] & (uint)r[op->Src]) != 0) goto taken; continue;
                case OpCode.Ne32I: if ((uint)r[op->Dst] != (uint)op->Constant) goto taken; continue;
                case OpCode.Ne32R: if ((uint)r[op->Dst] != (uint)r[op->Src]) goto taken; continue;
                case OpCode.SGt32I: if ((int)r[op->Dst] > (int)op->Constant) goto taken; continue;
                case OpCode.SGt32R: if ((int)r[op->Dst] > (int)r[op->Src]) goto taken; continue;
                case OpCode.SGe32I: if ((int)r[op->Dst] >= (int)op->Constant) goto taken; continue;
                case OpCode.SGe32R: if ((int)r[op->Dst] >= (int)r[op->Src]) goto taken; continue;
                case OpCode.Lt32I: if ((uint)r[op->Dst] < (uint)op->Constant) goto taken; continue;
                case OpCode.Lt32R: if ((uint)r[op->Dst] < (uint)r[op->Src]) goto taken; continue;
                case OpCode.Le32I: if ((uint)r[op->Dst] <= (uint)op->Constant) goto taken; continue;
                case OpCode.Le32R: if ((uint)r[op->Dst] <= (uint)r[op->Src]) goto taken; continue;
                case OpCode.SLt32I: if ((int)r[op->Dst] < (int)op->Constant) goto taken; continue;
                case OpCode.SLt32R: if ((int)r[op->Dst] < (int)r[op->Src]) goto taken; continue;
                case OpCode.SLe32I: if ((int)r[op->Dst] <= (int)op->Constant) goto taken; continue;
                case OpCode.SLe32R: if ((int)r[op->Dst] <= (int)r[op->Src]) goto taken; continue;
                case OpCode.MayGoto:
                    if (!s.MayGoOn()) goto taken;
                    continue;

                case OpCode.CallHelper:
                    s.Position = (int)(op - start);
                    s.Budget = budget;
                    r[0] = s.CallHelper((int)op->Constant, r[1], r[2], r[3], r[4], r[5]);
                    goto called;

                case OpCode.CallRegister:
                    s.Position = (int)(op - start);
                    s.Budget = budget;
                    r[0] = s.CallRegister(r[op->Dst], op->Dst, r[1], r[2], r[3], r[4], r[5]);
                    goto called;

                case OpCode.TailCall:
                    s.Position = (int)(op - start);
                    s.Budget = budget;
                    bool replaced = s.TryTailCall(r[1], r[2], r[3], out ulong result);
                    budget = s.Budget;
                    if (s.MemoryVersion != version)
                    {
                        version = s.MemoryVersion;
                        ForgetWindows(s);
                    }
                    if (!replaced)
                    {
                        r[0] = VmHelpers.NoEntry;
                        continue;
                    }
                    r[0] = result;
                    goto exit;

                case OpCode.CallFunction:
                    s.Position = (int)(op - start);
                    s.Budget = budget;
                    var callee = code.Functions[op->Constant];
                    s.EnterFrame(callee.Length);
                    budget = s.Budget;
                    ulong* caller = r;
                    r += VmExecution.RegistersPerFrame;
                    windows += VmExecution.RegistersPerFrame;
                    frame = BeginFrame(s, callee, r, windows);
                    (r[1], r[2], r[3], r[4], r[5]) = (caller[1], caller[2], caller[3], caller[4], caller[5]);
                    r[ReturnTo] = (ulong)ip;
                    ip = start + callee.Start;
                    continue;

                case OpCode.Exit:
                    goto exit;

                default:
                    throw new InvalidOperationException($"operation {op->Code} is none");
            }

        taken:
            if (op->Offset < 0)
            {
                // What a jump back may repeat is what lies in between, so this bounds the instructions executed.
                if ((budget += op->Offset) < 0) throw OverBudget(s, op - start);
            }
            ip += op->Offset;
            continue;

        called:
            budget = s.Budget;
            if (s.MemoryVersion == version) continue;
            version = s.MemoryVersion;
            ForgetWindows(s);
            continue;

        exit:
            if (s.Depth == entryDepth) break;
            s.LeaveFrame();
            ip = (Op*)r[ReturnTo];
            r -= VmExecution.RegistersPerFrame;
            windows -= VmExecution.RegistersPerFrame;
            frame = s.StackHost + (s.Depth * VmAddress.FrameStride) + VmAddress.FrameSize;
            r[0] = r[VmExecution.RegistersPerFrame];
        }
        s.Budget = budget;
        return r[0];
    }

    /// <summary>The place in a frame's registers where the return address is kept.</summary>
    private const int ReturnTo = 12;

    /// <summary>Clears what a function may see: its registers, its windows, its part of the stack. Returns the end of its stack frame.</summary>
    private static byte* BeginFrame(VmExecution s, VmFunction function, ulong* r, VmWindow* windows)
    {
        new Span<ulong>(r, 10).Clear();
        new Span<VmWindow>(windows, 10).Clear();
        r[10] = VmAddress.FrameEnd(s.Depth);
        windows[10] = default;
        s.BeginMayGoto();
        return s.BeginStackFrame(function.FrameBytes);
    }

    // Frames below keep windows too, which are looked at again after the return: all of them are given up.
    private static void ForgetWindows(VmExecution s) => new Span<VmWindow>(s.Windows, (s.Depth + 1) * VmExecution.RegistersPerFrame).Clear();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Hit(ulong* r, VmWindow* windows, Op* op, out ulong at, uint size)
    {
        at = r[op->Src] + (ulong)op->Offset - windows[op->Src].Start;
        ulong room = windows[op->Src].Readable;
        return at < room && room - at >= size;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool HitWrite(ulong* r, VmWindow* windows, Op* op, out ulong at, uint size)
    {
        at = r[op->Dst] + (ulong)op->Offset - windows[op->Dst].Start;
        ulong room = windows[op->Dst].Writable;
        return at < room && room - at >= size;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static byte* Miss(VmExecution s, VmCode code, Op* op, ulong* r, VmWindow* windows, uint size, long budget)
    {
        s.Budget = budget;
        s.Position = (int)(op - code.Start);
        byte* host = s.Resolve(r[op->Src] + (ulong)op->Offset, size, false, (Register)op->Src);
        windows[op->Src] = s.Found;
        return host;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static byte* MissWrite(VmExecution s, VmCode code, Op* op, ulong* r, VmWindow* windows, uint size, long budget)
    {
        s.Budget = budget;
        s.Position = (int)(op - code.Start);
        byte* host = s.Resolve(r[op->Dst] + (ulong)op->Offset, size, true, (Register)op->Dst);
        windows[op->Dst] = s.Found;
        return host;
    }

    private static byte* Ordered(VmExecution s, VmCode code, Op* op, ulong* r, int register, bool write, uint size, long budget)
    {
        s.Budget = budget;
        s.Position = (int)(op - code.Start);
        return s.ResolveAtomic(r[register] + (ulong)op->Offset, size, write, register);
    }

    private static void Atomic(VmExecution s, VmCode code, Op* op, ulong* r, uint size, long budget)
    {
        byte* p = Ordered(s, code, op, r, op->Dst, true, size, budget);
        var operation = (AtomicOp)op->Constant;
        ulong old = size == 8
            ? Atomics.Apply64((ulong*)p, operation, r[op->Src], r[0])
            : Atomics.Apply32((uint*)p, operation, (uint)r[op->Src], (uint)r[0]) & uint.MaxValue;
        if (operation == AtomicOp.CompareExchange) r[0] = old;
        else if (((int)operation & 1) != 0) r[op->Src] = old;
    }

    private static bool PacketLoad(VmExecution s, VmCode code, Op* op, ulong* r, long budget)
    {
        s.Budget = budget;
        s.Position = (int)(op - code.Start);
        return s.TryPacketLoad(op->Code, (int)op->Constant, r[op->Src], r[6], out r[0]);
    }

    private static VmFaultSignal OverBudget(VmExecution s, long position)
    {
        s.Position = (int)position;
        return s.OverBudget();
    }
}

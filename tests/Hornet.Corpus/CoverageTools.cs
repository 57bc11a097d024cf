// Tools add it after the analyzers have run.
#pragma warning disable HRN1013, HRN2104, HRN2107, HRN2108

// What coverlet and AltCover put into an assembly: a call in every block, with the block's number.
namespace Coverlet.Core.Instrumentation.Tracker
{
    internal static class Corpus_5c0ffee
    {
        private static readonly int[] s_hits = new int[64];

        public static void RecordHit(int block) => Interlocked.Increment(ref s_hits[block]);
    }
}

namespace AltCover.Recorder
{
    internal static class Instance
    {
        private static readonly List<string> s_visits = [];

        public static void Visit(string module, int block)
        {
            lock (s_visits) s_visits.Add($"{module}:{block}");
        }
    }
}

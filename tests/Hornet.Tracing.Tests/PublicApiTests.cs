using Hornet.Core.Tests.Structure;

namespace Hornet.Tracing.Tests;

public class PublicApiTests
{
    [Fact]
    public void The_public_surface_of_Hornet_Tracing_is_the_approved_one() => PublicApiFile.Compare(typeof(Probe).Assembly, "src/Hornet.Tracing/PublicAPI.approved.txt");
}

import { Empty } from "../ui/feedback.tsx";
import { PageTitle } from "../ui/page-title.tsx";

export function NotFoundPage() {
  return (
    <div class="page">
      <PageTitle title="Nothing here" />
      <Empty icon="place" title="This page does not exist">
        <p>The address may be mistyped, or what was here has ended.</p>
        <a class="button primary" href="#/">
          See all cinemas
        </a>
      </Empty>
    </div>
  );
}

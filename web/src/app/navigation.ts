import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import { type LinkTarget, targetOf } from "../ui/link.tsx";

/** Goes to a screen. `replaces` leaves no step to come back to. */
export function useGo(): (target: LinkTarget, options?: { readonly replaces?: boolean }) => void {
  const navigate = useNavigate();
  return useCallback(
    (target, { replaces = false } = {}) => void navigate({ ...targetOf(target), replace: replaces }),
    [navigate],
  );
}

/** The value of `$name` in the path of the screen; the rest of a path that ends in `$` is `_splat`. */
export function usePathValue(name: string): string {
  const params = useParams({ strict: false }) as Readonly<Record<string, string | undefined>>;
  return params[name] ?? "";
}

/** What the address asks for: filters and ids. Never a name, a date of birth, or what somebody typed into a search. */
export const useAddressQuery = (): Readonly<Record<string, string | undefined>> =>
  useSearch({ strict: false }) as Readonly<Record<string, string | undefined>>;

/** Everything a feature may draw with. */
export { Avatar, type AvatarProps, AvatarStack, PresenceDot, type PresenceState, RoomTile, tint } from './avatar';
export { Badge, Kbd, Pill } from './badge';
export { Banner, type BannerProps } from './banner';
export { Boundary } from './boundary';
export { BrandMark } from './brand';
export { Button, type ButtonProps, type ButtonVariant, IconButton, type IconButtonProps } from './button';
export { Checkbox, type ChoiceProps, RadioGroup, SegmentedControl, Slider, Switch, type ToggleProps } from './choice';
export { classes } from './classes';
export { Field, type FieldProps, PasswordField, Select, type SelectProps, TextArea, type TextAreaProps } from './field';
export { type LazyPart, lazyCode, lazyPart, preloadParts } from './lazy-part';
export {
  ConfirmDialog,
  type ConfirmDialogProps,
  Dialog,
  type DialogProps,
  Menu,
  type MenuAction,
  MenuButton,
  type MenuButtonProps,
  type MenuProps,
  type MenuSection,
  type Placement,
  Popover,
  type PopoverProps,
  preloadOverlays,
  Sheet,
  type SheetProps,
} from './overlay';
export { Progress, Skeleton, SkeletonRows, Spinner } from './progress';
export { type Refusals, type Refused, useRefusals } from './refusal';
export { SearchField, type SearchFieldProps } from './search-field';
export { EmptyState, ErrorState } from './state';
export { Tabs, type TabsProps } from './tabs';
export { hueOf, initialsOf, roomLetterOf } from './tint';
export { type Toast, toast } from './toast';
export { useAgo } from './use-ago';
export { VisuallyHidden } from './visually-hidden';
